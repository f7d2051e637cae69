#!/bin/sh
# Copyright (c) 2026 The evento.docker maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Becomes the JVM of the bundle's JAR, with the options of VM_ARGS. The JAR is downloaded once, from APP_JAR_URL; without
# that, it is the one that is part of the image, or that somebody has put into the volume.
# Runs in dash, bash and busybox ash. The labels in the Dockerfile tell what each exit code means.

set -fu
artifact_dir=/opt/evento/artifact
jar=$artifact_dir/app.jar
built_in=/opt/evento/app.jar
part=$artifact_dir/.app.jar.part
newline='
'
blank=$(printf ' \t\r\f')
# Evento Server calls some seconds before its HTTP port answers: for so many seconds it is asked again.
longest_try=40

clean_up() {
    rm -f "$part" "$part.status"
}

say() {
    printf 'evento-bundle-container: %s\n' "$1" >&2
}

# fail CODE SENTENCE
fail() {
    clean_up
    say "$2"
    exit "$1"
}

# Sets now to the seconds of a clock that nobody sets.
look_at_clock() {
    IFS=' .' read -r now _ </proc/uptime
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

# Whether the server may only not be up yet: it refuses connections, or ends them before it has answered.
not_up_yet() {
    case $result:$status:$proxy_status in
        7:* | 5[256]:000:000 | 5[256]:000:200 | *:50[234]:* | *:50[234]) ;;
        *) return 1 ;;
    esac
}

# Ends with the sentence and the exit code for what went wrong.
explain() {
    unreachable="cannot reach $server"
    check="check that the server runs and that this container can reach it"
    if [ "$proxy_status" != 000 ] && [ "$proxy_status" != 200 ]; then
        fail 69 "$unreachable: the proxy answered $proxy_status$tried: check the proxy settings."
    fi
    case $result in
        0 | 22) explain_status ;;
        3) fail 64 "APP_JAR_URL is not a URL that curl understands: correct it." ;;
        1 | 47) fail 76 "$server redirects too often, or to something else than http and https: correct APP_JAR_URL." ;;
        23) cannot_write ;;
        5) fail 69 "$unreachable: the name of the proxy does not resolve: check the proxy settings." ;;
        6) fail 69 "$unreachable: its name does not resolve: $check." ;;
        7) fail 69 "$unreachable: the connection was refused or there is no route$tried: $check." ;;
        28) fail 69 "$unreachable: it did not answer in time: $check." ;;
        35 | 51 | 53 | 54 | 58 | 59 | 60 | 66 | 77 | 80 | 82 | 83 | 90 | 91)
            fail 69 "$unreachable: TLS failed (curl error $result): check its certificate and who signed it." ;;
        18 | 52 | 55 | 56 | 92) fail 69 "$server broke the download off$tried: deploy the bundle again." ;;
        *) fail 69 "$unreachable (curl error $result): $check." ;;
    esac
}

explain_status() {
    answered="$server answered $status"
    case $status in
        401) fail 77 "$answered: the token is expired or not valid: deploy again, with a new token." ;;
        403) fail 67 "$answered: Evento Server wants a token with the role ROLE_DEPLOY: deploy again, with one." ;;
        404) fail 66 "$answered: there is nothing at that address: check APP_JAR_URL (server_url or artifact_url)." ;;
        500) fail 70 "$answered: Evento Server does not know the bundle, or its file is gone: publish it again." ;;
        502 | 503 | 504) fail 75 "$answered$tried: check that the server is up." ;;
        *) fail 76 "$answered instead of 200: check that the bundle is published there." ;;
    esac
}

cannot_write() {
    fail 74 "cannot write to $artifact_dir: make it writable for user $(id -u), or free disk space."
}

# Sets server and shown to what may be shown of the URL: no user, no password, no query.
take_apart() {
    case $url in
        *[[:cntrl:]]*) fail 64 "APP_JAR_URL contains a control character: correct it." ;;
        [hH][tT][tT][pP]://* | [hH][tT][tT][pP][sS]://*) ;;
        *) fail 64 "APP_JAR_URL is not an http or https URL: correct it." ;;
    esac
    rest=${url#*://}
    rest=${rest%%[?#]*}
    authority=${rest%%/*}
    server=${authority##*@}
    # The beginning of a password that has a / in it would stand there, too.
    case ${server##*]} in
        *:*[!0-9]*) fail 64 "APP_JAR_URL has a port that is no number: correct it." ;;
    esac
    shown=${url%%://*}://$server${rest#"$authority"}
}

# Whether the JAR came. Sets result to curl's exit code, and status and proxy_status to what the server and a proxy that
# makes a tunnel to it answered, 000 for nothing.
ask() {
    # Every user of the host can read a process's arguments: the URL goes to curl over its standard input.
    # A shell acts on a signal only while it waits, so curl runs in the background.
    printf '%s\n' "$url" | sed 's/[\\"]/\\&/g; s/.*/url = "&"/' |
        curl --disable --silent --fail --globoff --location --max-redirs 5 \
            --proto '=http,https' --proto-redir '=http,https' --connect-timeout 10 --speed-limit 1 --speed-time 30 \
            --output "$part" --write-out '%{http_code} %{http_connect}\n' --config - >"$part.status" &
    wait "$!"
    result=$?
    read -r status proxy_status <"$part.status"
    status=${status:-000}
    proxy_status=${proxy_status:-000}
    [ "$result" = 0 ] && [ "$status" = 200 ]
}

download() {
    take_apart
    if ! (: >"$part" && : >"$part.status") 2>/dev/null; then
        cannot_write
    fi
    say "downloading $shown"
    tried=
    look_at_clock
    begin=$now
    until ask; do
        look_at_clock
        if ! not_up_yet || [ "$((now - begin))" -ge "$longest_try" ]; then
            explain
        fi
        if [ -z "$tried" ]; then
            case $status in
                000) reason="no connection" ;;
                *) reason="it answered $status" ;;
            esac
            say "$server is not up yet ($reason): trying again for up to $longest_try s."
        fi
        sleep 1 &
        wait "$!"
        look_at_clock
        tried=" (tried for $((now - begin)) s)"
    done
    is_jar "$part" || fail 65 "what $server sent is not a complete JAR: check APP_JAR_URL and the published file."
    mv -f "$part" "$jar" || cannot_write
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
if [ -z "$url" ] && [ -e "$built_in" ]; then
    jar=$built_in
fi
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
