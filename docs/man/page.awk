# Makes a manual page, man(7), of the Markdown that the documents use: headings, paragraphs, indented
# samples, tables, lists, `code`, **strong**, *words*, [links](to). `@include FILE@` puts in a document
# beside this file, `@settings@` the table of settings, `@data@` the folder of the data.
# Variables: page section date version, folder (this one), settings (a file), data.

# What roff would take for its own.
function plain(text) {
	gsub(/\\/, "\\e", text)
	gsub(/-/, "\\-", text)
	return text
}

# Between marks; what stands in code is not looked into again.
function inline(text,   out, at, mark, rest, inside) {
	out = ""
	while (match(text, /`[^`]+`|\*\*[^*]+\*\*|\*[^* ][^*]*\*|\[[^\]]+\]\([^)]+\)/)) {
		out = out words(substr(text, 1, RSTART - 1))
		mark = substr(text, RSTART, RLENGTH)
		rest = substr(text, RSTART + RLENGTH)
		if (mark ~ /^`/)
			out = out "\\fB" code(substr(mark, 2, length(mark) - 2)) "\\fR"
		else if (mark ~ /^\*\*/)
			out = out "\\fB" words(substr(mark, 3, length(mark) - 4)) "\\fR"
		else if (mark ~ /^\*/)
			out = out "\\fI" words(substr(mark, 2, length(mark) - 2)) "\\fR"
		else {
			inside = mark
			sub(/^\[/, "", inside)
			sub(/\]\(.*/, "", inside)
			out = out words(inside)
		}
		text = rest
	}
	return out words(text)
}
# A long one may be broken behind its commas.
function code(text) {
	text = plain(text)
	if (length(text) > 30)
		gsub(/,/, ",\\:", text)
	return text
}
function words(text) {
	gsub(/\\/, "\\e", text)
	return text
}

# A line of text as roff takes it: none begins with a control character.
function say(text) {
	if (text ~ /^[.']/)
		text = "\\&" text
	print text
}

function end_block() {
	if (block == "sample")
		print ".fi\n.RE"
	block = ""
}
function paragraph() {
	if (block != "text") {
		end_block()
		if (!fresh)
			print ".PP"
	}
	block = "text"
	fresh = 0
}
function heading(macro, text) {
	end_block()
	gsub(/`/, "", text)
	print macro " \"" plain(text) "\""
	is_name = text == "NAME"
	fresh = 1
}

# ---- tables: the first cell is the tag, the last the sentence, those between are told by name --------

function row(line,   n, cells, i, text, tag) {
	gsub(/\\\|/, "\001", line)
	sub(/^\| */, "", line)
	sub(/ *\|$/, "", line)
	n = split(line, cells, / *\| */)
	for (i = 1; i <= n; i++) {
		gsub(/\001/, "|", cells[i])
		gsub(/^ +| +$/, "", cells[i])
	}
	if (block != "table") {
		end_block()
		block = "table"
		for (i = 1; i <= n; i++)
			names[i] = cells[i]
		in_head = 1
		return
	}
	if (in_head) {		# |---|---|
		in_head = 0
		return
	}
	i = 1
	while (i < n && cells[i] == "")
		i++
	print ".TP"
	say(inline(cells[i]))
	text = ""
	for (i = i + 1; i < n; i++)
		if (cells[i] != "")
			text = text (text == "" ? "" : "; ") (names[i] == "type" ? "" : inline(names[i]) " ") \
				inline(cells[i])
	if (text != "")
		say(text ".")
	say(cells[n] == "" ? "\\&" : inline(cells[n]))
	fresh = 0
}

# ---- lines ---------------------------------------------------------------------------------------

function line_of(text, is_included,   tag) {
	gsub(/@data@/, data, text)
	if (text ~ /^```/) {
		is_fenced = !is_fenced
		if (is_fenced)
			begin_sample()
		return
	}
	if (is_fenced) {
		say(plain(text))
	} else if (text ~ /^@include .*@$/) {
		sub(/^@include /, "", text)
		sub(/@$/, "", text)
		include(folder "/" text)
	} else if (text == "@settings@") {
		include(settings)
	} else if (text ~ /^# /) {
		heading(".SH", is_included ? "DESCRIPTION" : toupper(substr(text, 3)))
	} else if (text ~ /^## /) {
		heading(".SH", toupper(substr(text, 4)))
	} else if (text ~ /^### /) {
		heading(".SS", substr(text, 5))
	} else if (text ~ /^    / && block != "item") {
		begin_sample()
		say(plain(substr(text, 5)))
	} else if (text ~ /^\|/) {
		row(text)
	} else if (text ~ /^(- |[0-9]+\. )/) {
		end_block()
		tag = text ~ /^-/ ? "\\(bu" : substr(text, 1, index(text, " ") - 1)
		print ".IP " tag " 3"
		sub(/^(-|[0-9]+\.) +/, "", text)
		say(inline(text))
		block = "item"
		fresh = 0
	} else if (text ~ /^ *$/) {
		if (block == "sample")
			blank = 1
		else
			end_block()
	} else if (block == "item") {
		sub(/^ +/, "", text)
		say(inline(text))
	} else {
		paragraph()
		text = inline(text)
		if (is_name)
			sub(/ - /, " \\- ", text)
		say(text)
	}
}
function begin_sample() {
	if (block == "sample") {
		if (blank)
			print ""
	} else {
		end_block()
		if (!fresh)
			print ".PP"
		print ".RS 4\n.nf"
		block = "sample"
	}
	blank = 0
	fresh = 0
}
function include(file,   text, n) {
	while ((n = (getline text < file)) > 0)
		line_of(text, 1)
	if (n < 0) {
		print "page.awk: cannot read " file > "/dev/stderr"
		is_bad = 1
		exit
	}
	close(file)
	end_block()
}

BEGIN {
	printf ".\\\" Made from docs/ by docs/man/page.awk: change it there.\n"
	printf ".TH \"%s\" \"%s\" \"%s\" \"twoway %s\" \"twoway manual\"\n", toupper(page), section, date, version
	print ".nh\n.ad l"
}
{ line_of($0, 0) }
END {
	if (is_bad)
		exit 1
	end_block()
}
