# Completion for bash. `twoway complete` knows the verbs, options and modems.
_twoway()
{
	local line word=${COMP_WORDS[COMP_CWORD]}

	COMPREPLY=()
	while IFS= read -r line; do
		if [[ $line == :file ]]; then
			compopt -o filenames 2>/dev/null
			mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$word")
		else
			COMPREPLY+=("${line%%$'\t'*}")
		fi
	done < <(twoway complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _twoway twoway

# The other two have options only, as their help lists them.
_twoway_options()
{
	local word=${COMP_WORDS[COMP_CWORD]}

	case ${COMP_WORDS[COMP_CWORD - 1]} in
	--config | --dir | --profile)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		;;
	*)
		mapfile -t COMPREPLY < <(compgen -W "$("$1" --help | grep -o -- '--[a-z][a-z-]*')" -- "$word")
		;;
	esac
}
complete -F _twoway_options twowayd twoway-sim
