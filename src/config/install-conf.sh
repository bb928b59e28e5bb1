#!/bin/sh
# install-conf.sh DATA: puts the configuration to start from into /etc/twoway, where the programs look
# for it whatever their prefix. What is there already stays as it is.
set -eu
data=${DESTDIR:-}$1
etc=${DESTDIR:-}/etc/twoway

if ! mkdir -p "$etc/flows" "$etc/boards" "$etc/exec" 2>/dev/null; then
	echo "$etc cannot be made by this user: twoway runs without it, on its defaults"
	exit 0
fi
if [ ! -e "$etc/twoway.conf" ]; then
	cp "$data/twoway.conf" "$etc/twoway.conf"
	chmod 640 "$etc/twoway.conf"
fi
# A shop that does not exist must not answer real customers: the example sleeps until it is woken.
if [ ! -e "$etc/flows/hello.conf" ]; then
	{
		cat <<-END
		# This example sleeps: nothing is answered by it. To wake it and make it yours:
		#   sudo cp $1/flows/hello.conf /etc/twoway/flows/
		#   twoway check && sudo systemctl reload twoway

		END
		sed 's/^/# /; s/ *$//' "$data/flows/hello.conf"
	} >"$etc/flows/hello.conf"
	chmod 644 "$etc/flows/hello.conf"
fi
