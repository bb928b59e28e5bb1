#!/bin/sh
# How SIMs are looked after: their balance, a voucher, a person who is told, a number that is known.
. "$(dirname "$0")/lib.sh"

start_sim 2
printf '1111222233334444\n' > "$dir/codes.txt"
settings 2 'currency = "EUR";
alert = { number = "+447700900999"; };
balance = ( { operator = "23499"; ask = "*100#"; match = "is ([0-9.]+)"; alert = 12.0;
              topup = "*121*{code}#"; codes = "codes.txt"; } );'
start_daemon
ok 'two modems become ready' until_true ready 2

shows() { twoway modems | grep -q "$1"; }
ok 'the balance is asked by itself' until_true shows '10.00 EUR'
same 'and when somebody wants it' 'Your balance is 1[05].00 EUR' \
	"$(twoway modems balance m0 | sed 's/is 1[05]/is 1[05]/')"
ends 66 twoway modems balance nobody
has 'a modem that is not there is named' "$out" 'nobody'
ends 64 twoway modems balance
ends 65 twoway modems learn m0
has 'a number that is known is not learned' "$out" 'is known'

told() { twoway messages --with +447700900999 | grep -q 'below 12.00'; }
ok 'a person is told that it is low' until_true told
voucher_is_counted() { twoway modems balance m0 | grep -q 15.00 || twoway modems balance m1 | grep -q 15.00; }
ok 'a voucher is dialled' until_true voucher_is_counted
is_shown() { grep -q 1111222233334444 "$dir/twowayd.log"; }
ends 1 is_shown
