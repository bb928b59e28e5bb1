#!/bin/sh
# floors.sh TABLE ROOT: checks every source and header below ROOT/src and ROOT/include/twoway
# against TABLE. Prints FILE:LINE: what is wrong; ends 1 when there was anything to print.
table=$1
root=$2

cd "$root" || exit 2
files=$(find src include/twoway -name '*.[ch]' | LC_ALL=C sort)
[ -n "$files" ] || { echo "floors.sh: no sources in $root" >&2; exit 2; }

# shellcheck disable=SC2086 # no file of ours has a blank in its name
exec awk '
function fault(text) {
	print FILENAME ":" FNR ": " text
	bad = 1
}

# "src/sms/udh.c" and "include/twoway/sms.h" are both of the folder sms
function folder_of(path,   part) {
	split(path, part, "/")
	if (part[1] == "src")
		return part[2]
	sub(/\.h$/, "", part[3])
	return part[3]
}

function check_ours(folder, name) {
	sub(/^twoway\//, "", name)
	sub(/\.h$/, "", name)
	if ((folder, name) in excepted)
		excepted[folder, name] = "used"
	else if (name != folder && !((folder, name) in may))
		fault(folder " may not use " name)
}

function check_library(folder, name,   door) {
	for (door in doors)
		if (index(name, door) == 1 && !((door, folder) in opens))
			fault(name " is met in " doors[door] " only")
}

# the table
FNR == NR {
	if ($0 ~ /^(#|$)/)
		next
	kind = $1
	rest = $0
	sub(/^[^:]*: */, "", rest)
	name = $2
	sub(/:$/, "", name)
	n = split(rest, list, " ")
	if (kind == "folder") {
		known[name] = 1
		for (i = 1; i <= n; i++)
			may[name, list[i]] = 1
	} else if (kind == "except") {
		for (i = 1; i <= n; i++)
			excepted[name, list[i]] = name " no longer uses " list[i]
	} else if (kind == "door") {
		doors[name] = rest
		for (i = 1; i <= n; i++)
			opens[name, list[i]] = 1
	} else {
		for (i = 1; i <= n; i++)
			silent[list[i]] = 1
	}
	next
}

FNR == 1 {
	folder = folder_of(FILENAME)
	if (!(folder in known))
		fault("no folder " folder " in the table")
}

/^[ \t]*#[ \t]*include/ {
	name = $0
	sub(/^[^"<]*["<]/, "", name)
	sub(/[">].*/, "", name)
	if (name ~ /^twoway\//)
		check_ours(folder, name)
	else if ($0 ~ /"/ && name ~ /\//)
		fault("\"" name "\" is private to another folder")
	else
		check_library(folder, name)
}

folder in silent && /(^|[^a-z_])tw_log(_text|_number|_quote|_setup|_sink)? *\(/ {
	fault(folder " returns faults and does not log")
}

END {
	for (pair in excepted) {
		if (excepted[pair] == "used")
			continue
		print ARGV[1] ": " excepted[pair] ": take the exception out"
		bad = 1
	}
	exit bad
}
' "$table" $files
