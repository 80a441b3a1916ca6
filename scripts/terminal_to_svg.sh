#!/usr/bin/env bash
# Turns terminal output with ANSI colours, from standard input, into an SVG picture on standard output:
#   ./dev run demo --once | scripts/terminal_to_svg.sh '$ ./dev run' > docs/images/demo.svg
# The argument, if any, becomes the first line.
set -euo pipefail

# Bytes are enough, and every awk agrees on them.
export LC_ALL=C
# shellcheck disable=SC2016 # the $ are awk's
{ (($# == 0)) || printf '\033[1m%s\033[0m\n\n' "$*"; cat; } |
  awk '
    function escape_xml(text) {
      gsub(/&/, "\\&amp;", text)
      gsub(/</, "\\&lt;", text)
      gsub(/>/, "\\&gt;", text)
      return text
    }

    # Characters, not bytes: what continues a UTF-8 sequence is not counted.
    function width(text) { gsub(/[\200-\277]/, "", text); return length(text) }

    function color_of(code) { return code in palette ? palette[code] : "" }

    function style(   css) {
      css = ""
      if (color != "") css = css "fill:" color ";"
      if (bold) css = css "font-weight:bold;"
      if (dim) css = css "opacity:.65;"
      if (italic) css = css "font-style:italic;"
      if (underline) css = css "text-decoration:underline;"
      return css
    }

    # One SGR sequence (ECMA-48 section 8.3.117) changes the state.
    function apply(sequence,   code, n, i) {
      n = split(sequence == "" ? "0" : sequence, code, ";")
      for (i = 1; i <= n; i++) {
        if (code[i] + 0 == 0) { color = ""; bold = dim = italic = underline = 0 }
        else if (code[i] == 1) bold = 1
        else if (code[i] == 2) dim = 1
        else if (code[i] == 3) italic = 1
        else if (code[i] == 4) underline = 1
        else if (code[i] == 22) bold = dim = 0
        else if (code[i] == 23) italic = 0
        else if (code[i] == 24) underline = 0
        else if (code[i] == 39) color = ""
        else if (code[i] == 38 && code[i + 1] == 5) { color = color_of(code[i + 2] < 8 ? 30 + code[i + 2] : 82 + code[i + 2]); i += 2 }
        else if (code[i] == 38 && code[i + 1] == 2) { color = "rgb(" code[i + 2] "," code[i + 3] "," code[i + 4] ")"; i += 4 }
        else if (code[i] in palette) color = palette[code[i]]
      }
    }

    # The line with breaks before words that would pass the last column; what follows is indented as it was.
    function wrap(line,   indent, out, column, i, byte, space, tail) {
      match(line, /^ */)
      indent = substr(line, 1, RLENGTH)
      out = ""
      column = space = 0
      for (i = 1; i <= length(line); i++) {
        if (match(substr(line, i), /^\033\[[0-9;?]*[A-Za-z]/)) {
          out = out substr(line, i, RLENGTH)
          i += RLENGTH - 1
          continue
        }
        byte = substr(line, i, 1)
        if (byte !~ /[\200-\277]/) column++
        out = out byte
        if (byte == " " && column > length(indent)) space = length(out)
        if (column > columns && space) {
          tail = substr(out, space + 1)
          out = substr(out, 1, space - 1) "\n" indent tail
          gsub(/\033\[[0-9;?]*[A-Za-z]/, "", tail)
          column = length(indent) + width(tail)
          space = 0
        }
      }
      return out
    }

    function piece(text,   css) {
      if (text == "") return ""
      shown += width(text)
      css = style()
      text = escape_xml(text)
      return css == "" ? text : "<tspan style=\"" css "\">" text "</tspan>"
    }

    BEGIN {
      split("#6e7681 #ff7b72 #7ee787 #e3b341 #79c0ff #d2a8ff #76e3ea #c9d1d9", normal, " ")
      for (i = 1; i <= 8; i++) { palette[29 + i] = normal[i]; palette[89 + i] = normal[i] }
      columns = 100
      longest = 60
    }

    {
      line = $0
      sub(/\r$/, "", line)
      sub(/^.*\r/, "", line)
      gsub(/\033\]8;[^\007\033]*(\007|\033\\)/, "", line)
      n = split(wrap(line), part, "\n")
      for (k = 1; k <= n; k++) lines[++count] = picture(part[k])
      if (n == 0) lines[++count] = ""
    }

    # One line as SVG text.
    function picture(line,   out, sequence) {
      out = ""
      shown = 0
      while (match(line, /\033\[[0-9;?]*[A-Za-z]/)) {
        out = out piece(substr(line, 1, RSTART - 1))
        sequence = substr(line, RSTART + 2, RLENGTH - 3)
        if (substr(line, RSTART + RLENGTH - 1, 1) == "m") apply(sequence)
        line = substr(line, RSTART + RLENGTH)
      }
      out = out piece(line)
      if (shown > longest) longest = shown < columns ? shown : columns
      return out
    }

    END {
      while (count > 0 && lines[count] == "") count--
      advance = 8.43
      wide = int(longest * advance + 40)
      high = count * 20 + 56
      printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n", wide, high, wide, high
      print "<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#0d1117\"/>"
      print "<circle cx=\"20\" cy=\"18\" r=\"5\" fill=\"#ff5f57\"/><circle cx=\"38\" cy=\"18\" r=\"5\" fill=\"#febc2e\"/><circle cx=\"56\" cy=\"18\" r=\"5\" fill=\"#28c840\"/>"
      print "<g font-family=\"ui-monospace,SFMono-Regular,Menlo,Consolas,DejaVu Sans Mono,monospace\" font-size=\"14\" fill=\"#c9d1d9\">"
      for (i = 1; i <= count; i++)
        if (lines[i] != "")
          printf "<text x=\"20\" y=\"%d\" xml:space=\"preserve\">%s</text>\n", 48 + (i - 1) * 20, lines[i]
      print "</g>\n</svg>"
    }'
