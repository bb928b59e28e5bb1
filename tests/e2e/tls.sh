#!/bin/sh
# TLS as it is met outside: webhooks to servers whose certificates are good, of another authority, for
# another name or over; mail with STARTTLS and over TLS, with the right password and a wrong one. The
# certificates are made here. $2: the receiver.
. "$(dirname "$0")/lib.sh"

if ! command -v openssl >/dev/null; then
	trap - EXIT INT TERM
	rm -rf "$dir"
	echo 'skipped: there is no openssl to make certificates with'
	exit 77
fi
outside=$dir/outside
received=$outside/received
mkdir "$outside"

authority() { # NAME
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=$1" \
		-keyout "$dir/$1.key" -out "$dir/$1.pem" 2>/dev/null
}
certificate() { # NAME AUTHORITY DAYS NAMES
	printf 'subjectAltName=%s\n' "$4" >"$dir/names"
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj '/CN=receiver' \
		-keyout "$outside/$1.key" -out "$dir/request" 2>/dev/null
	openssl x509 -req -in "$dir/request" -CA "$dir/$2.pem" -CAkey "$dir/$2.key" -CAcreateserial \
		-days "$3" -extfile "$dir/names" -out "$outside/$1.pem" 2>/dev/null
}
authority ours
authority theirs
certificate good ours 2 IP:127.0.0.1
certificate strange theirs 2 IP:127.0.0.1
certificate other ours 2 DNS:other.example
certificate over ours -1 IP:127.0.0.1

"$2" "$outside" </dev/null >/dev/null 2>&1 &
receiver_pid=$!
sim_pid=$receiver_pid
ok 'the servers listen' until_true grep -q '^smtps ' "$outside/ports"
port_of() { sed -n "s/^$1 //p" "$outside/ports"; }
fallback=http://127.0.0.1:$(sed -n '1s/ .*//p' "$outside/ports")/fallback
heard() { grep -q -- "$1" "$received"; }
count() { grep -c -- "$1" "$received"; }
logged() { grep -q -- "$1" "$dir/twowayd.log"; }

mkdir -p "$dir/flows"
cat >"$dir/flows/mail.conf" <<'END'
keywords = (
  { match = "WRITE"; do = ( { email = { to = "desk@example.org"; subject = "{args}"; text = "{text}";
                                        fallback = "Not yet."; timeout = "3s"; }; },
                            { reply = "Written."; } ); },
  { match = "NOBODY"; email = { to = "nobody@example.org"; subject = "Hello"; text = "Hello"; }; }
);
END
# told URL MAIL_SERVER AUTHORITIES: where texts and mails go, and whom TLS trusts beside the system's
told() {
	settings 1 "accounts = ( { name = \"default\"; webhook = \"$1\"; webhook_fallback = \"$fallback\"; } );
		mail = { server = \"$2\"; from = \"twoway@example.org\"; user = \"shop\";
			 password_file = \"$dir/password\"; };
		authorities = \"$3\";"
}
echo sesame >"$dir/password"
smtps=smtps://127.0.0.1:$(port_of smtps)
told "https://127.0.0.1:$(port_of good)/sms" "$smtps" ''
start_sim 1
bank_pid=$sim_pid
sim_pid="$receiver_pid $bank_pid"
start_daemon
ok 'the modem becomes ready' until_true ready 1

# A bad certificate is no answer, and the log says what is wrong with it.
answered() { # CERTIFICATE AUTHORITIES TEXT
	told "https://127.0.0.1:$(port_of "$1")/sms" "$smtps" "$2"
	twoway reload >/dev/null
	twoway handset +447700900150 "$3" 2>/dev/null
}
same 'an authority that nobody named' 'From the fallback' "$(answered good '' 'anybody one')"
ok 'is told as that' logged 'unable to get local issuer certificate'
same 'named, it is trusted' 'Hello from the program' "$(answered good "$dir/ours.pem" 'anybody two')"
same 'another one is not' 'From the fallback' "$(answered strange "$dir/ours.pem" 'anybody three')"
same 'nor is another name' 'From the fallback' "$(answered other "$dir/ours.pem" 'anybody four')"
ok 'which is told' logged "no alternative certificate subject name matches"
same 'nor is one that is over' 'From the fallback' "$(answered over "$dir/ours.pem" 'anybody five')"
ok 'which is told, too' logged 'certificate has expired'
ok 'the fallback learns of TLS by its code' heard 'ErrorCode=11220'
same 'a file that is none' 'From the fallback' "$(answered good "$dir/none.pem" 'anybody six')"
ok 'is named' logged 'none.pem'
same 'nothing came to a server without trust' 1 "$(count '^== POST /sms')"

# Mail over TLS from the beginning, by STARTTLS, and never in clear.
written() { # SERVER SUBJECT
	told "$fallback" "$1" "$dir/ours.pem"
	twoway reload >/dev/null
	twoway handset +447700900151 "WRITE $2" 2>/dev/null
}
same 'a mail over TLS' 'Written.' "$(written "$smtps" one)"
ok 'arrives' heard '^mail: Subject: one'
starttls=smtp://127.0.0.1:$(port_of starttls)
same 'and by STARTTLS' 'Written.' "$(written "$starttls" two)"
ok 'arrives, too' heard '^mail: Subject: two'
same 'after a login each' 2 "$(count '^mail: (logged in)')"

# Who knows no password is let in nowhere: a person is told, and it goes on once the password is right.
echo wrong >"$dir/password"
same 'a wrong password' 'Not yet.
Written.' "$(written "$smtps" three)"
ok 'is told as that' logged 'hook.failed to=mail .*Login denied'
ok 'and calls for a person' logged 'alert kind=mail .*mails cannot be sent: Login denied'
has 'as long as it lasts' "$(twoway status)" 'mails cannot be sent: Login denied'
ok 'it is counted' sh -c "curl -s --unix-socket '$TWOWAY_SOCKET' http://localhost/metrics |
	grep -qx 'twoway_hooks_waiting{kind=\"mail\"} 1'"
echo sesame >"$dir/password"
ok 'then it arrives' until_true heard '^mail: Subject: three'
over() { ! twoway status | grep -q 'mails cannot be sent'; }
ok 'and it is over' until_true over
before=$(count '^mail: AUTH')
same 'no password in clear' 'Not yet.
Written.' "$(written "smtp://127.0.0.1:$(sed -n '1s/.* //p' "$outside/ports")" four)"
ok 'which is told' logged 'hook.failed to=mail .*STARTTLS not supported'
same 'none was tried' "$before" "$(count '^mail: AUTH')"
told "$fallback" "$smtps" "$dir/theirs.pem"
ends 0 twoway reload
same 'nor to somebody else' 'Not yet.
Written.' "$(twoway handset +447700900151 'WRITE five' 2>/dev/null)"
same 'who is not heard either' "$before" "$(count '^mail: AUTH')"

# A mailbox that does not exist is dead at once, and no trouble of the server's.
told "$fallback" "$smtps" "$dir/ours.pem"
ends 0 twoway reload
ok 'what waited arrives' until_true heard '^mail: Subject: five'
ok 'and nothing is wrong any more' until_true over
twoway handset +447700900151 NOBODY --wait 1 >/dev/null 2>&1
dead() { twoway webhooks --json | grep -q 'nobody@example.org'; }
ok 'a mailbox that is not there' until_true dead
has 'is listed with what the server said' "$(twoway webhooks)" 'nobody@example.org.*550'
ok 'and calls nobody' over

# The environment names authorities, as for other programs.
stop_daemon
told "https://127.0.0.1:$(port_of good)/sms" "$smtps" ''
SSL_CERT_FILE=$dir/ours.pem
export SSL_CERT_FILE
start_daemon
ok 'the daemon is back' until_true ready 1
same 'SSL_CERT_FILE is obeyed' 'Hello from the program' \
	"$(twoway handset +447700900150 'anybody seven' 2>/dev/null)"
