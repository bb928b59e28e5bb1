#include <twoway/loop.h>
struct unknown undefined;
