#include <twoway/modem.h>
#include <twoway/bank.h>
#include <sqlite3.h>
