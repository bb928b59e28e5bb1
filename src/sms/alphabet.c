/* The 7-bit default alphabet, its extension and the national tables (23.038 6.2.1, annex A), as
 * gen_alphabets.c makes them from alphabets.tsv. */
#include "sms_private.h"

#include "alphabets.inc"
