#!/bin/sh
# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Downloads the bundle's JAR once, from APP_JAR_URL, and becomes its JVM, with the options of VM_ARGS.
# Runs in dash, bash and busybox ash. The labels in the Dockerfile tell what each exit code means.

set -fu
artifact_dir=/opt/evento/artifact
jar=$artifact_dir/app.jar
part=$artifact_dir/.app.jar.part
newline='
'
blank=$(printf ' \t\r\f')

clean_up() {
    rm -f "$part" "$part.status"
}

# fail CODE SENTENCE
fail() {
    clean_up
    printf 'evento-bundle-container: %s\n' "$2" >&2
    exit "$1"
}

# A JAR that was cut off has lost the directory at its end; one that can be executed by itself starts with a script.
is_jar() {
    case $(od -An -N4 -tx1 "$1" | tr -d ' \n') in
        504b0304 | 2321*) ;;
        *) return 1 ;;
    esac
    # The record at the directory's end takes 22 bytes and a comment of up to 65535.
    tail -c 65557 "$1" | LC_ALL=C tr -d '\000' | LC_ALL=C grep -q "$(printf 'PK\005\006')"
}

# explain CURL_ERROR STATUS: ends with the sentence and the exit code for what went wrong.
explain() {
    unreachable="cannot reach $server"
    check="check that the server runs and that this container can reach it"
    case $1 in
        0 | 22) explain_status "$2" ;;
        3) fail 64 "APP_JAR_URL is not a URL that curl understands: correct it." ;;
        1 | 47) fail 76 "$server redirects too often, or to something else than http and https: correct APP_JAR_URL." ;;
        23) fail 74 "cannot write to $artifact_dir: make it writable for user $(id -u), or free disk space." ;;
        5) fail 69 "$unreachable: the name of the proxy does not resolve: check the proxy settings." ;;
        6) fail 69 "$unreachable: its name does not resolve: $check." ;;
        7) fail 69 "$unreachable: the connection was refused or there is no route: $check." ;;
        28) fail 69 "$unreachable: it did not answer in time: $check." ;;
        35 | 51 | 53 | 54 | 58 | 59 | 60 | 66 | 77 | 80 | 82 | 83 | 90 | 91)
            fail 69 "$unreachable: TLS failed (curl error $1): check its certificate and who signed it." ;;
        18 | 52 | 56 | 92) fail 69 "$server broke the download off: deploy the bundle again." ;;
        *) fail 69 "$unreachable (curl error $1): $check." ;;
    esac
}

explain_status() {
    case $1 in
        401) fail 77 "$server answered 401: the token is expired or not valid: deploy again, with a new token." ;;
        *) fail 76 "$server answered $1 instead of 200: check that the bundle is published there." ;;
    esac
}

download() {
    case $url in
        *[[:cntrl:]]*) fail 64 "APP_JAR_URL contains a control character: correct it." ;;
        [hH][tT][tT][pP]://* | [hH][tT][tT][pP][sS]://*) ;;
        *) fail 64 "APP_JAR_URL is not an http or https URL: correct it." ;;
    esac
    server=${url#*://}
    server=${server%%[/?#]*}
    server=${server##*@}
    if ! (: >"$part" && : >"$part.status") 2>/dev/null; then
        explain 23 000
    fi
    # Every user of the host can read a process's arguments: the URL goes to curl over its standard input.
    # A shell acts on a signal only while it waits, so curl runs in the background.
    printf '%s\n' "$url" | sed 's/[\\"]/\\&/g; s/.*/url = "&"/' |
        curl --disable --silent --fail --globoff --location --max-redirs 5 \
            --proto '=http,https' --proto-redir '=http,https' --connect-timeout 10 --speed-limit 1 --speed-time 30 \
            --output "$part" --write-out '%{http_code}' --config - >"$part.status" &
    wait "$!"
    result=$?
    status=$(cat "$part.status")
    if [ "$result" != 0 ] || [ "$status" != 200 ]; then
        explain "$result" "$status"
    fi
    is_jar "$part" || fail 65 "what $server sent is not a complete JAR: check APP_JAR_URL and the published file."
    mv -f "$part" "$jar" || explain 23 000
    clean_up
}

# VM_ARGS in pieces, one a line: a character that has a meaning to Java, "newline", or other text after "=".
pieces() {
    printf '%s\n' "$VM_ARGS" |
        LC_ALL=C sed "s/[^\"'\\\\#@]\\{1,\\}/\\n=&\\n/g; s/[\"'\\\\#@]/\\n&\\n/g; \$!s/\$/\\nnewline/"
}

# VM_ARGS as the text of a Java argument file. There an unquoted # would start a comment, and a line's end would end
# an argument inside quotes too: both are made plain text.
java_arguments() {
    pieces | {
        quote=
        escape=
        first=yes
        while IFS= read -r piece; do
            [ -n "$piece" ] || continue
            text=${piece#=}
            case $quote$escape$piece in
                newline) text=$newline ;;
                [\"\']newline) text='\n' ;;
                '#') text='"#"' ;;
                @) [ -z "$first" ] || fail 78 "VM_ARGS has an argument file (@): name it in JDK_JAVA_OPTIONS." ;;
                \" | \') quote=$piece ;;
                \"\" | \'\') quote= ;;
                \"\\ | \'\\) escape=$piece ;;
                ?\\newline) text=$newline escape= ;;
                ?\\*) escape= ;;
            esac
            printf '%s' "$text"
            case $text in
                *["$newline$blank"]) first=yes ;;
                *) first= ;;
            esac
        done
        [ -z "$quote" ] || fail 78 "VM_ARGS has a $quote without its partner: close the quotation."
    }
}

# The environment in a file of /proc, a variable a line, each byte as \0ooo.
variables() {
    od -An -v -to1 "$1" | tr -d '\n' | sed 's/ 000/\n/g; s/ /\\0/g'
}

# Shells lose variables whose names they cannot hold (evento.server.host) and overwrite some others: prints those.
lost_variables() {
    held=$newline$(variables /proc/self/environ)$newline
    for variable in $(variables "/proc/$$/environ"); do
        case $held in
            *"$newline$variable$newline"*) ;;
            *) printf '%s\n' "$variable" ;;
        esac
    done
}

# Process 1 ignores signals that it has no trap for.
trap 'clean_up; exit 143' TERM
trap 'clean_up; exit 130' INT

url=${APP_JAR_URL-}
unset APP_JAR_URL
if [ -e "$jar" ] && [ ! -r "$jar" ]; then
    fail 74 "cannot read $jar: make it readable for user $(id -u)."
fi
if [ ! -e "$jar" ] || ! is_jar "$jar"; then
    if [ -n "$url" ]; then
        download
    elif [ -e "$jar" ]; then
        fail 65 "$jar is not a complete JAR: put the bundle's JAR there, or set APP_JAR_URL."
    else
        fail 64 "there is no JAR to run: set APP_JAR_URL."
    fi
fi

set -- java -jar "$jar"
if [ -n "${VM_ARGS-}" ]; then
    arguments=$(java_arguments) || exit
    for dir in /dev/shm "$artifact_dir"; do
        file=$(umask 077 && mktemp "$dir/.vm-args.XXXXXX" 2>/dev/null) && break
    done || fail 78 "cannot write the options of VM_ARGS: make $artifact_dir writable for user $(id -u)."
    printf '%s\n' "$arguments" >"$file" || fail 78 "cannot write the options of VM_ARGS to $file: free disk space."
    # Java reads the file through this descriptor, so that no secret stays behind.
    exec 3<"$file"
    rm -f "$file"
    set -- java @/proc/self/fd/3 -jar "$jar"
fi

lost=$(lost_variables)
if [ -n "$lost" ]; then
    for variable in $lost; do
        entry=$(printf '%b.' "$variable")
        case $entry in
            APP_JAR_URL=*) ;;
            *) set -- "${entry%.}" "$@" ;;
        esac
    done
    set -- env -- "$@"
fi
exec "$@"
