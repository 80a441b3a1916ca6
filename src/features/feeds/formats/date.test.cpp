#include "features/feeds/formats/date.hpp"

#include <doctest/doctest.h>

#include <string>

#include "base/time.hpp"

namespace bb::feeds {
namespace {

// "" where it is no date.
std::string read(std::string_view text) {
  const auto time = parse_date(text);
  return time ? format_rfc3339(*time) : "";
}

}  // namespace

TEST_CASE("dates are read in every form that feeds write them in") {
  struct Row {
    const char* text;
    const char* expected;
  };
  const Row rows[] = {
      {"Sat, 07 Sep 2002 00:00:01 GMT", "2002-09-07T00:00:01Z"},
      {"Wed, 19 Aug 2015 18:30:00 +0200", "2015-08-19T16:30:00Z"},
      {"Mon, 19 Aug 2015 18:30:00 +02:00", "2015-08-19T16:30:00Z"},  // it was a Wednesday
      {"19 Aug 2015 18:30 EST", "2015-08-19T23:30:00Z"},
      {"Thu, 01 Jan 04 19:48:21 PDT", "2004-01-02T02:48:21Z"},
      {"Thu,  5 Feb 1998 07:07:07", "1998-02-05T07:07:07Z"},
      {"Thursday, 1 January 2004 6:05:00 GMT", "2004-01-01T06:05:00Z"},
      {"Thu Jan  1 00:00:00 2004", "2004-01-01T00:00:00Z"},
      {"Jan 5, 2004 3:07 PM", "2004-01-05T15:07:00Z"},
      {"Jan 5, 2004 12:07 am", "2004-01-05T00:07:00Z"},
      {"29-Nov-04", "2004-11-29T00:00:00Z"},
      {"24 Sept 2021 10:00:00 UT", "2021-09-24T10:00:00Z"},
      {"Mi, 03 M\xC3\xA4r 2021 10:00:00 +0100", "2021-03-03T09:00:00Z"},
      {"15 ao\xC3\xBBt 2019", "2019-08-15T00:00:00Z"},
      {"Sun, 31 Dec 2016 23:59:60 GMT", "2016-12-31T23:59:59Z"},
      {"31 Dec 2016 24:00:00 GMT", "2017-01-01T00:00:00Z"},
      {"2003-12-31T10:14:55Z", "2003-12-31T10:14:55Z"},
      {"2003-12-31t10:14:55.123456z", "2003-12-31T10:14:55Z"},
      {"2003-12-31T10:14:55-0800", "2003-12-31T18:14:55Z"},
      {"2003-12-31T10:14:55+08", "2003-12-31T02:14:55Z"},
      {"2003-12-31T10:14+00:00", "2003-12-31T10:14:00Z"},
      {"2003-12-31 10:14:55 UTC", "2003-12-31T10:14:55Z"},
      {"2003-12-31 10:14:55 -0800", "2003-12-31T18:14:55Z"},
      {"2003/12/31", "2003-12-31T00:00:00Z"},
      {"20031231T101455Z", "2003-12-31T10:14:55Z"},
      {"20031231", "2003-12-31T00:00:00Z"},
      {"2003-12", "2003-12-01T00:00:00Z"},
      {"2003", "2003-01-01T00:00:00Z"},
      {"1072865695", "2003-12-31T10:14:55Z"},
      {"1072865695000", "2003-12-31T10:14:55Z"},
      {"\n 2003-12-31T10:14:55Z \t", "2003-12-31T10:14:55Z"},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.text));
    CHECK(read(row.text) == row.expected);
  }
}

TEST_CASE("what is no clear date is none") {
  for (const char* text :
       {"", "soon", "01/02/2003", "0000-00-00T00:00:00Z", "2003-13-01", "2003-02-30", "12:00",
        "31 Foo 2003", "Thu, 32 Jan 2004 00:00:00 GMT", "1 Jan 2004 25:00:00", "99999999999999999",
        "Jan 2004", "1 Jan 2004 2005"}) {
    CAPTURE(std::string(text));
    CHECK(read(text).empty());
  }
}

}  // namespace bb::feeds
