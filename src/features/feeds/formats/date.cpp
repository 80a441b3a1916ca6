#include "features/feeds/formats/date.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/text.hpp"

namespace bb::feeds {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t longest_date = 100;
constexpr int first_year = 1970;
constexpr int last_year = 2200;

struct NamedMonth {
  std::string_view start;
  unsigned month;
};

// The beginnings of months' names in English and in languages that feeds are found in.
constexpr NamedMonth months[] = {
    {"jan", 1},
    {"feb", 2},
    {"mar", 3},
    {"apr", 4},
    {"may", 5},
    {"jun", 6},
    {"jul", 7},
    {"aug", 8},
    {"sep", 9},
    {"oct", 10},
    {"nov", 11},
    {"dec", 12},
    {"ene", 1},
    {"gen", 1},
    {"fev", 2},
    {"f\xC3\xA9v", 2},
    {"m\xC3\xA4r", 3},
    {"mrz", 3},
    {"avr", 4},
    {"abr", 4},
    {"mai", 5},
    {"mag", 5},
    {"giu", 6},
    {"juin", 6},
    {"juil", 7},
    {"lug", 7},
    {"ago", 8},
    {"aou", 8},
    {"ao\xC3\xBB", 8},
    {"set", 9},
    {"okt", 10},
    {"ott", 10},
    {"out", 10},
    {"dez", 12},
    {"dic", 12},
    {"d\xC3\xA9"
     "c",
     12},
};

struct NamedZone {
  std::string_view name;
  std::chrono::minutes offset;
};

constexpr NamedZone zones[] = {
    {"est", -5h}, {"edt", -4h}, {"cst", -6h},  {"cdt", -5h},  {"mst", -7h},  {"mdt", -6h},
    {"pst", -8h}, {"pdt", -7h}, {"akst", -9h}, {"akdt", -8h}, {"hst", -10h}, {"bst", 1h},
    {"cet", 1h},  {"cest", 2h}, {"mez", 1h},   {"mesz", 2h},  {"eet", 2h},   {"eest", 3h},
    {"msk", 3h},  {"jst", 9h},  {"kst", 9h},   {"aest", 10h}, {"aedt", 11h},
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

// Collects what a date is made of, in whatever order it comes.
class Reader {
 public:
  explicit Reader(std::string_view lower) : left_(lower) {}

  std::optional<TimePoint> read() {
    if (!take_iso_day()) {
      day_first_ = true;
    }
    while (!left_.empty() && is_sound_) {
      step();
    }
    return result();
  }

 private:
  struct Number {
    int value = 0;
    std::size_t digits = 0;
  };

  Number take_number(std::size_t most) {
    Number number;
    while (number.digits < most && !left_.empty() && is_digit(left_.front())) {
      number.value = number.value * 10 + (left_.front() - '0');
      ++number.digits;
      left_.remove_prefix(1);
    }
    return number;
  }

  bool take(std::string_view any_of) {
    if (left_.empty() || any_of.find(left_.front()) == any_of.npos) {
      return false;
    }
    left_.remove_prefix(1);
    return true;
  }

  // 2003-12-31, 2003/12/31, 20031231, 2003-12, 2003
  bool take_iso_day() {
    const std::string_view before = left_;
    const Number year = take_number(4);
    if (year.digits != 4 || (!left_.empty() && (left_.front() == ':' || left_.front() == ' '))) {
      left_ = before;
      return false;
    }
    take("-/.");
    const Number month = take_number(2);
    take("-/.");
    const Number day = take_number(2);
    year_ = year.value;
    month_ = month.digits > 0 ? month.value : 1;
    day_ = day.digits > 0 ? day.value : 1;
    if (take("t") && !left_.empty() && is_digit(left_.front())) {
      take_time();
    }
    return true;
  }

  // 10:14:55.5, 10:14, 10, 101455
  void take_time() {
    const Number hour = take_number(2);
    take(":.");
    const Number minute = take_number(2);
    Number second;
    if (minute.digits > 0 && (take(":.") || minute.digits == 2)) {
      second = take_number(2);
      if (second.digits > 0 && take(".,")) {
        take_number(left_.size());  // of a second: no feed depends on it
      }
    }
    is_sound_ = hour.value <= 24 && minute.value <= 59 && second.value <= 60;
    time_ = std::chrono::hours(hour.value) + std::chrono::minutes(minute.value) +
            std::chrono::seconds(std::min(second.value, 59));
    has_time_ = true;
  }

  void step() {
    const char c = left_.front();
    if (is_digit(c)) {
      const std::size_t end = std::min(left_.find_first_not_of("0123456789"), left_.size());
      end <= 2 && left_.substr(end).starts_with(':') && !has_time_ ? take_time() : take_part();
    } else if (is_letter(c)) {
      take_word();
    } else if ((c == '+' || c == '-') && has_time_ && !has_offset_) {
      take_offset();
    } else {
      left_.remove_prefix(1);
    }
  }

  // +0100, +01:00, +1
  void take_offset() {
    const bool west = left_.front() == '-';
    left_.remove_prefix(1);
    const Number hours = take_number(2);
    take(":");
    const Number minutes = take_number(2);
    if (hours.digits == 0) {
      return;
    }
    const auto offset = std::chrono::hours(hours.value) + std::chrono::minutes(minutes.value);
    offset_ = west ? -offset : offset;
    has_offset_ = true;
    is_sound_ = is_sound_ && hours.value < 24 && minutes.value < 60;
  }

  // The day, then the year.
  void take_part() {
    const Number number = take_number(5);
    if (!day_first_) {
      return;  // known already: a number here is noise
    }
    if (day_ == 0 && number.digits <= 2) {
      day_ = number.value;
    } else if (year_ == 0 && (number.digits == 2 || number.digits == 4)) {
      year_ = number.digits == 4 ? number.value : number.value + (number.value < 70 ? 2000 : 1900);
    } else {
      is_sound_ = false;
    }
  }

  void take_word() {
    const std::size_t end =
        static_cast<std::size_t>(std::ranges::find_if_not(left_, is_letter) - left_.begin());
    const std::string_view word = left_.substr(0, end);
    left_.remove_prefix(end);
    const auto* const month = std::ranges::find_if(
        months, [&](const NamedMonth& one) { return word.starts_with(one.start); });
    if (month_ == 0 && month != std::end(months)) {
      month_ = static_cast<int>(month->month);
    } else if (word == "pm" && time_ < 12h) {
      time_ += 12h;
    } else if (word == "am" && time_ >= 12h) {
      time_ -= 12h;
    } else if (const auto* const zone = std::ranges::find(zones, word, &NamedZone::name);
               zone != std::end(zones) && !has_offset_) {
      offset_ = zone->offset;
    }
  }

  [[nodiscard]] std::optional<TimePoint> result() const {
    const std::chrono::year_month_day day(std::chrono::year(year_),
                                          std::chrono::month(static_cast<unsigned>(month_)),
                                          std::chrono::day(static_cast<unsigned>(day_)));
    if (!is_sound_ || !day.ok() || year_ < first_year || year_ > last_year) {
      return std::nullopt;
    }
    return TimePoint(std::chrono::sys_days(day)) + time_ - offset_;
  }

  std::string_view left_;
  bool day_first_ = false;
  bool is_sound_ = true;
  bool has_time_ = false;
  bool has_offset_ = false;
  int year_ = 0;
  int month_ = 0;
  int day_ = 0;
  std::chrono::seconds time_{0};
  std::chrono::minutes offset_{0};
};

// Seconds or milliseconds since 1970.
std::optional<TimePoint> unix_time(std::string_view text) {
  const auto number = parse_integer(text);
  if (!number || (text.size() != 9 && text.size() != 10 && text.size() != 13)) {
    return std::nullopt;
  }
  return TimePoint(std::chrono::milliseconds(text.size() == 13 ? *number : *number * 1000));
}

}  // namespace

std::optional<TimePoint> parse_date(std::string_view text) {
  const std::string lower = to_lower(trim(text.substr(0, longest_date)));
  if (const auto time = unix_time(lower)) {
    return time;
  }
  return Reader(lower).read();
}

}  // namespace bb::feeds
