#!/bin/sh
# What a modem is asked beside texts: USSD and its menus, commands of a person, and who did it.
. "$(dirname "$0")/lib.sh"

start_sim 2
settings 2
start_daemon
ok 'two modems become ready' until_true ready 2

same 'the network tells the balance' 'Your balance is 10.00 EUR' "$(twoway ussd m0 '*100#')"
same 'a menu is gone through' 'Mon to Fri 8-18' "$(twoway ussd +447700900001 '*123#' 3 1 | tail -n 1)"
has 'each step is shown' "$(twoway ussd m0 '*123#' 2)" '2 My number'
has 'with its line breaks' "$(twoway ussd m0 '*123#' | sed -n 3p)" '3 More'
has 'a voucher counts' "$(twoway ussd m1 '*121*1111222233334444#')" 'Topped up by 5.00'
has 'once' "$(twoway ussd m0 '*121*1111222233334444#')" 'not valid'
same 'and for its SIM' 'Your balance is 15.00 EUR' "$(twoway ussd m1 '*100#')"
ends 65 twoway ussd m0 '*999#'
has 'an unknown code is told' "$out" 'does not know'
ends 0 twoway ussd m0 '*100#' --json
has 'as an object' "$out" '"state": *"done"'
has 'with its result' "$out" '"result": *"Your balance is 10.00 EUR"'
id=$(printf '%s\n' "$out" | sed -n 's/.*"id": *"\([0-9]*\)".*/\1/p')
has 'found by its id' "$(curl -s --unix-socket "$TWOWAY_SOCKET" "http://twoway/api/v1/jobs/$id")" 'Your balance'
ends 66 twoway ussd nobody '*100#'
ends 64 twoway ussd m0

same 'a command is answered' '+CSQ: 20,99 OK ' "$(twoway at m0 AT+CSQ | tr '\n' ' ')"
same 'without AT in front' 'OK' "$(twoway at m0 +CSQ | tail -n 1)"
ends 65 twoway at m0 AT+NOPE
has 'an error is shown' "$out" 'CME ERROR'
ends 65 twoway at m0 hello
for command in 'AT+CMGS=20' 'at+csq;+cmgd=1,4' 'AT + C P I N ?' 'AT+CMGDA=6' 'ATE0+CLCK="SC",2'; do
	ends 77 twoway at m0 "$command"
done
ends 0 twoway at m0 'AT+CLCK="SC",2' --force
ends 65 twoway at m0 AT+CMGS=20 --force
ends 0 twoway at m0 AT+CNMI=0,0,0,0,0
has 'texts come all the same' "$(twoway handset +447700900123 hours)" '9-13'
audit=$(twoway audit --limit 100)
has 'all of it is in the log' "$audit" 'AT+CSQ'
has 'refusals too' "$audit" 'refused'
has 'PINs are not' "$audit" 'AT+CLCK=\*\*\*\*'
