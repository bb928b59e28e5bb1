# The udev rules, made of the USB ids in boards/*.conf. One rule a vendor and profile for the device, one
# for its ports; what two profiles name is the first one's.
FNR == 1 {
	board = FILENAME
	sub(/.*\//, "", board)
	sub(/\.conf$/, "", board)
	is_open = 0
}
{
	sub(/#.*/, "")
	if ($0 ~ /^usb[ \t]*=/)
		is_open = 1
	if (!is_open)
		next
	n = split($0, words, "\"")
	for (i = 2; i <= n; i += 2)
		add(tolower(words[i]))
	if ($0 ~ /\]/)
		is_open = 0
}
function add(id,	key)
{
	if (id in seen || length(id) != 9)
		return
	seen[id] = 1
	key = board " " substr(id, 1, 4)
	if (!(key in products))
		keys[++n_keys] = key
	products[key] = products[key] (key in products && products[key] != "" ? "|" : "") substr(id, 6)
}
END {
	print "# Made from the board profiles of twoway. To change a rule, or to give a modem back to ModemManager, copy"
	print "# this file to /etc/udev/rules.d and edit the copy."
	print "#"
	print "# A port gets a link that stays: /dev/twoway/SOCKET-ifNN, NN the USB interface (1-1.4-if02)."
	print ""
	print "ACTION==\"remove\", GOTO=\"twoway_end\""
	print "SUBSYSTEM==\"usb\", ENV{DEVTYPE}==\"usb_device\", GOTO=\"twoway_device\""
	print "SUBSYSTEM==\"tty\", SUBSYSTEMS==\"usb\", GOTO=\"twoway_port\""
	print "GOTO=\"twoway_end\""
	print ""
	print "# Two programs on one modem take each other's answers; a modem that sleeps loses texts."
	print "LABEL=\"twoway_device\""
	for (k = 1; k <= n_keys; k++) {
		split(keys[k], part, " ")
		printf "ATTR{idVendor}==\"%s\", ATTR{idProduct}==\"%s\", ENV{ID_MM_DEVICE_IGNORE}=\"1\", " \
		       "ENV{TWOWAY_BOARD}=\"%s\", ATTR{power/control}=\"on\"\n", part[2], products[keys[k]], part[1]
	}
	print "GOTO=\"twoway_end\""
	print ""
	print "LABEL=\"twoway_port\""
	for (k = 1; k <= n_keys; k++) {
		split(keys[k], part, " ")
		printf "ATTRS{idVendor}==\"%s\", ATTRS{idProduct}==\"%s\", ENV{ID_MM_PORT_IGNORE}=\"1\", " \
		       "GROUP=\"dialout\", MODE=\"0660\", SYMLINK+=\"twoway/%%b-if$env{ID_USB_INTERFACE_NUM}\"\n", \
		       part[2], products[keys[k]]
	}
	print ""
	print "LABEL=\"twoway_end\""
}
