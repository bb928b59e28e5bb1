/* A line of a hundred columns … and one of a hundred and one. */
int narrow;                                                                                /* 100 */
	int tabs;                                                                           /* 101 */
