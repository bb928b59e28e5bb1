#!/bin/sh
# Steps that leave the process, with a real program and a real web server: what they are given, what their answers
# do, and that nothing is lost when the daemon is killed in the middle. $2: the web server.
. "$(dirname "$0")/lib.sh"
web=$2

says() { printf '%s\n%s' "$1" "$2" >"$dir/web.new" && mv "$dir/web.new" "$dir/web.answer"; }
has_line() { grep -q -- "$2" "$dir/$1"; }

"$web" "$dir" >"$dir/web.out" 2>&1 </dev/null &
web_pid=$!
ok 'the web server listens' until_true test -s "$dir/web.port"
port=$(cat "$dir/web.port")

mkdir -p "$dir/flows" "$dir/exec"
cat >"$dir/flows/steps.conf" <<END
fields = ( { name = "tins"; type = "integer"; } );
keywords = (
  { match = "STOCK"; do = ( { webhook = { url = "http://127.0.0.1:$port/stock?q={args}"; fallback = "We call you."; timeout = "5s"; }; },
                            { when = "tins = 0"; reply = "The last one went today."; } ); },
  { match = "PRICE"; do = ( { exec = { program = "price"; arguments = [ "--", "{args}" ]; fallback = "No price today."; timeout = "3s"; }; } ); },
  { match = "MISSING"; do = ( { exec = { program = "nothing"; fallback = "No such thing."; }; } ); }
);
END
cat >"$dir/exec/price" <<'END'
#!/bin/sh
cat >>"$(dirname "$0")/../price.in"
for a; do printf '<%s>' "$a" >>"$(dirname "$0")/../price.args"; done
printf '\n' >>"$(dirname "$0")/../price.args"
case $2 in
glue) exit 3 ;;
slow) exec sleep 60 ;;
hold) touch "$(dirname "$0")/../held"; exec sleep 2 ;;
json) printf '{"reply": ["One pound.", "Or two."], "set": {"tins": 2}}' ;;
*) printf 'Nine pounds for %s.\n' "$2" ;;
esac
END
chmod +x "$dir/exec/price"

start_sim 1
sim_pid="$sim_pid $web_pid"
settings 1 "exec_folder = \"$dir/exec\";"
rm "$dir/flows/hello.conf"
has 'a program that is not there is named' "$("$build/twowayd" --config "$dir/twoway.conf" --check 2>&1)" \
	'steps.conf:6: warning: there is no program .*/exec/nothing'
start_daemon
ok 'the modem becomes ready' until_true ready 1

says '200 text/plain' 'Two tins left.'
has 'a web server answers' "$(twoway handset +447700900123 "stock red & 'blue'")" '^Two tins left\.$'
ok 'it was asked with the words encoded' has_line web.log "^POST /stock q=red & 'blue' {"
ok 'and told of the customer' has_line web.log '"contact":{"number":"+447700900123","name":null'
ok 'and of the text' has_line web.log "\"message\":\"stock red & 'blue'\",\"long_number\":\"+447700900001\",\"keyword\":\"STOCK\""
says '200 application/json; charset=utf-8' '{"set": {"tins": 0}, "reply": "None."}'
same 'JSON sets and replies' 'None.
The last one went today.' "$(twoway handset +447700900123 'stock x')"
twoway handset +447700900123 'stock y' >/dev/null
ok 'the field goes along the next time' has_line web.log '"fields":{"tins":0}'
says '500 text/plain' 'a stack trace'
has 'its failure is none of the customer' "$(twoway handset +447700900124 'stock x')" '^We call you\.$'
says '200 text/html' '<h1>Log in</h1>'
has 'nor is a page' "$(twoway handset +447700900124 'stock x2')" '^We call you\.$'

has 'a program answers' "$(twoway handset +447700900123 'price paint')" '^Nine pounds for paint\.$'
ok 'it was given the text as JSON' has_line price.in '"message":"price paint"'
twoway handset +447700900123 'price $(touch /tmp/x) `id` "a"; --help
second line' >/dev/null
ok 'without a shell, as one argument' has_line price.args '^<--><$(touch /tmp/x) `id` "a"; --help$'
ok 'with its line break' has_line price.args '^second line>$'
same 'its output may be JSON' 'One pound.
Or two.' "$(twoway handset +447700900123 'price json')"
has 'another exit status is a failure' "$(twoway handset +447700900123 'price glue')" '^No price today\.$'
has 'one that takes too long as well' "$(twoway handset +447700900123 'price slow')" '^No price today\.$'
has 'and one that is not there' "$(twoway handset +447700900123 missing)" '^No such thing\.$'

# Killed in the middle: the program ran once, the fallback answers.
twoway handset +447700900125 'price hold' >"$dir/hold.out" 2>&1 &
handset_pid=$!
ok 'a program is under way' until_true test -e "$dir/held"
kill -9 "$daemon_pid" && wait "$daemon_pid" 2>/dev/null
start_daemon
ok 'the daemon is back' until_true ready 1
wait "$handset_pid"
has 'the fallback answers' "$(cat "$dir/hold.out")" '^No price today\.$'
same 'it ran once' 1 "$(grep -c '<--><hold>' "$dir/price.args")"

stop_daemon
same 'the daemon ends well' 0 "$daemon_status"
