#include "features/feeds/formats/encoding.hpp"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <system_error>

#include "base/text.hpp"

namespace bb::feeds {
namespace {

constexpr std::size_t declaration_octets = 1024;

struct Encoding {
  std::string_view label;  // letters and digits alone, lower case
  const char* name;        // iconv's
  std::size_t unit = 1;    // octets to skip where nothing can be read
};

// Only these: a label comes from outside, and iconv has modules nobody needs. Labels mean what
// browsers take them for (https://encoding.spec.whatwg.org).
constexpr Encoding encodings[] = {
    {"utf16be", "UTF-16BE", 2},   {"utf16le", "UTF-16LE", 2},
    {"utf32be", "UTF-32BE", 4},   {"utf32le", "UTF-32LE", 4},
    {"usascii", "CP1252"},        {"ascii", "CP1252"},
    {"latin1", "CP1252"},         {"iso88591", "CP1252"},
    {"iso88592", "ISO-8859-2"},   {"iso88593", "ISO-8859-3"},
    {"iso88594", "ISO-8859-4"},   {"iso88595", "ISO-8859-5"},
    {"iso88596", "ISO-8859-6"},   {"iso88597", "ISO-8859-7"},
    {"iso88598", "ISO-8859-8"},   {"iso88599", "CP1254"},
    {"iso885910", "ISO-8859-10"}, {"iso885911", "CP874"},
    {"iso885913", "ISO-8859-13"}, {"iso885914", "ISO-8859-14"},
    {"iso885915", "ISO-8859-15"}, {"iso885916", "ISO-8859-16"},
    {"windows1250", "CP1250"},    {"windows1251", "CP1251"},
    {"windows1252", "CP1252"},    {"windows1253", "CP1253"},
    {"windows1254", "CP1254"},    {"windows1255", "CP1255"},
    {"windows1256", "CP1256"},    {"windows1257", "CP1257"},
    {"windows1258", "CP1258"},    {"windows874", "CP874"},
    {"tis620", "CP874"},          {"koi8r", "KOI8-R"},
    {"koi8u", "KOI8-U"},          {"ibm866", "CP866"},
    {"macintosh", "MACINTOSH"},   {"gb2312", "GB18030"},
    {"gbk", "GB18030"},           {"gb18030", "GB18030"},
    {"big5", "BIG5-HKSCS"},       {"euckr", "CP949"},
    {"ksc56011987", "CP949"},     {"eucjp", "EUC-JP"},
    {"shiftjis", "CP932"},        {"sjis", "CP932"},
};

struct Start {
  std::string_view octets;
  std::string_view label;
  std::size_t mark = 0;  // octets of the byte order mark
};

using std::string_view_literals::operator""sv;

// UTF-32 before UTF-16, whose byte order mark begins the same.
constexpr Start starts[] = {
    {"\x00\x00\xFE\xFF"sv, "utf32be", 4},
    {"\xFF\xFE\x00\x00"sv, "utf32le", 4},
    {"\xFE\xFF"sv, "utf16be", 2},
    {"\xFF\xFE"sv, "utf16le", 2},
    {"\xEF\xBB\xBF"sv, "utf8", 3},
    {"\x00\x00\x00<"sv, "utf32be"},
    {"<\x00\x00\x00"sv, "utf32le"},
    {"\x00<\x00"sv, "utf16be"},
    {"<\x00"sv, "utf16le"},
};

class Converter {
 public:
  explicit Converter(const Encoding& from) : from_(from), handle_(iconv_open("UTF-8", from.name)) {
    if (handle_ == reinterpret_cast<iconv_t>(-1)) {
      throw std::system_error(errno, std::generic_category(), from.name);
    }
  }
  ~Converter() { iconv_close(handle_); }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  std::string convert(std::string_view octets) {
    std::string result;
    result.reserve(octets.size() + octets.size() / 2);
    std::array<char, 16 * 1024> buffer{};
    char* in = const_cast<char*>(octets.data());  // iconv changes the pointer alone
    std::size_t left = octets.size();
    while (left > 0) {
      char* out = buffer.data();
      std::size_t room = buffer.size();
      const std::size_t done = iconv(handle_, &in, &left, &out, &room);
      const int problem = done == static_cast<std::size_t>(-1) ? errno : 0;
      result.append(buffer.data(), buffer.size() - room);
      if (problem == EILSEQ || problem == EINVAL) {
        result += "\xEF\xBF\xBD";
        const std::size_t skipped = std::min(from_.unit, left);
        in += skipped;
        left -= skipped;
      }
    }
    return result;
  }

 private:
  Encoding from_;
  iconv_t handle_;
};

// "iso88591" of <?xml version="1.0" encoding="ISO-8859-1"?>, empty where it is not declared.
std::string declared_label(std::string_view octets) {
  const std::string_view head = octets.substr(0, declaration_octets);
  const std::size_t begin = head.find("<?xml");
  if (begin == head.npos) {
    return {};
  }
  const std::string_view declaration = head.substr(begin, head.find("?>", begin) - begin);
  const std::size_t name = declaration.find("encoding");
  const std::size_t quote = declaration.find_first_of("\"'", std::min(name, declaration.size()));
  if (quote == declaration.npos) {
    return {};
  }
  const std::size_t end = declaration.find(declaration[quote], quote + 1);
  std::string label = to_lower(declaration.substr(quote + 1, end - quote - 1));
  std::erase_if(label, [](char c) { return !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')); });
  if (label.starts_with("cp125")) {
    label.replace(0, 2, "windows");
  }
  return label;
}

std::string convert(std::string_view octets, std::string_view label) {
  const auto* const known = std::ranges::find(encodings, label, &Encoding::label);
  if (known != std::end(encodings)) {
    return Converter(*known).convert(octets);
  }
  std::string text = to_valid_utf8(octets);
  return label == "utf8" || text == octets ? text : convert(octets, "windows1252");
}

}  // namespace

std::string to_utf8(std::string_view octets) {
  const auto* const start = std::ranges::find_if(
      starts, [&](const Start& one) { return octets.starts_with(one.octets); });
  if (start != std::end(starts)) {
    return convert(octets.substr(start->mark), start->label);
  }
  const std::string label = declared_label(octets);
  // A declaration that could be read is not in wider units, whatever it says.
  const bool is_wide = label.starts_with("utf16") || label.starts_with("utf32");
  return convert(octets, is_wide ? "" : label);
}

}  // namespace bb::feeds
