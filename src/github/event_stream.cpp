#include "github/event_stream.hpp"

#include <boost/json.hpp>
#include <vector>

#include "github/octet_source.hpp"

namespace bb::github {
namespace {

constexpr std::size_t max_event_bytes = 8UZ * 1024 * 1024;
constexpr std::size_t max_depth = 64;
constexpr std::size_t max_pages_depth = 4;  // arrays of arrays that are flattened
constexpr std::size_t lookahead_bytes = 64;
constexpr std::size_t pretty_first_line_bytes =
    64;  // the first line of a document over several lines
constexpr std::size_t arena_bytes = 512UZ * 1024;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

// Reads JSON values one after the other, within arrays or not, whatever stands between them: that
// covers an array, JSON lines, concatenated objects and pretty-printed documents without telling
// them apart.
class StreamReader {
 public:
  StreamReader(std::istream& in, const StreamHandlers& handlers)
      : source_(in, handlers.on_progress),
        handlers_(handlers),
        arena_(arena_bytes),
        memory_(arena_.data(), arena_.size()),
        parser_({}, options()) {}

  StreamCounts run();

 private:
  struct Start {
    std::uint64_t offset = 0;
    std::uint64_t line = 0;
    std::optional<std::size_t> indent;
    std::uint64_t element = 0;  // of the outermost array; 0 outside of arrays
  };
  enum class End { complete, damaged, too_large, cut_off };

  static boost::json::parse_options options() {
    boost::json::parse_options result;
    result.max_depth = max_depth;
    result.allow_invalid_utf8 = true;  // mended in the event; one bad octet is no reason to lose it
    return result;
  }

  void read_element();
  End parse(boost::system::error_code& error);
  void take_event(const Start& start);
  void recover(const Start& start);
  void leave_damaged_line();
  void skip_to_boundary(const Start& start, bool lines);
  [[nodiscard]] bool is_boundary(std::string_view ahead, const Start& start, bool lines) const;
  void reject(const Start& start, const Error& error);
  [[nodiscard]] Start here() const;

  OctetSource source_;
  const StreamHandlers& handlers_;
  std::vector<unsigned char> arena_;
  boost::json::monotonic_resource memory_;
  boost::json::stream_parser parser_;
  StreamCounts counts_;
  std::size_t arrays_ = 0;      // that we are in
  std::uint64_t elements_ = 0;  // of the outermost array, so far
  bool one_per_line_ = false;   // then the end of a line ends an element, complete or not
  bool was_damaged_ = false;    // then the count of open arrays is a guess
  bool reported_end_ = false;
};

StreamCounts StreamReader::run() {
  if (source_.peek(byte_order_mark.size()).starts_with(byte_order_mark)) {
    source_.consume(byte_order_mark.size());
  }
  for (std::string_view ahead = source_.peek(); !ahead.empty(); ahead = source_.peek()) {
    const std::size_t blank = ahead.find_first_not_of(" \t\r\n,");
    if (blank != 0) {
      source_.consume(std::min(blank, ahead.size()));
    } else if (ahead.front() == '[' && arrays_ < max_pages_depth) {
      elements_ = arrays_ == 0 ? 0 : elements_;
      ++arrays_;
      source_.consume(1);
    } else if (ahead.front() == ']') {
      arrays_ -= arrays_ > 0 ? 1 : 0;
      source_.consume(1);
    } else {
      read_element();
    }
  }
  if (!source_.damage().empty() && !reported_end_) {
    reject(here(), {.code = ErrorCode::invalid_input, .message = source_.damage()});
  } else if (arrays_ > 0 && !was_damaged_ && !reported_end_) {
    reject(here(), {.code = ErrorCode::invalid_input, .message = "the array ends early"});
  }
  return counts_;
}

void StreamReader::read_element() {
  ++elements_;
  const Start start = here();
  source_.mark();
  parser_.reset(&memory_);
  memory_.release();
  boost::system::error_code error;
  switch (parse(error)) {
    case End::complete:
      take_event(start);
      break;
    case End::damaged:
      reject(start, {.code = ErrorCode::invalid_input,
                     .message = "not JSON at offset " + std::to_string(source_.offset()) + ": " +
                                error.message()});
      recover(start);
      break;
    case End::too_large:
      reject(start, {.code = ErrorCode::invalid_input, .message = "larger than 8 MiB, skipped"});
      recover(start);
      break;
    case End::cut_off:
      reported_end_ = true;
      reject(start,
             {.code = ErrorCode::invalid_input,
              .message = source_.damage().empty() ? "ends in the middle" : source_.damage()});
      recover(start);
      break;
  }
}

StreamReader::End StreamReader::parse(boost::system::error_code& error) {
  bool first_line = true;
  for (std::size_t taken = 0; !parser_.done();) {
    std::string_view ahead = source_.peek();
    if (ahead.empty()) {
      parser_.finish(error);
      return error ? End::cut_off : End::complete;
    }
    if (arrays_ == 0 && (first_line || one_per_line_)) {
      const std::size_t line_end = ahead.find('\n');
      if (line_end == 0) {
        const bool object_follows = source_.peek(2).substr(1).starts_with('{');
        if (one_per_line_ && (object_follows || (first_line && taken > pretty_first_line_bytes))) {
          error = boost::json::make_error_code(boost::json::error::incomplete);
          return End::damaged;
        }
        if (!source_.is_marked()) {
          source_.mark();  // behind a line too long to return to its start
        }
        first_line = false;
        ahead = source_.peek().substr(0, 1);
      } else {
        ahead = ahead.substr(0, line_end);
      }
    }
    const std::size_t used = parser_.write_some(ahead.data(), ahead.size(), error);
    source_.consume(used);
    taken += used;
    if (error) {
      return End::damaged;
    }
    if (taken > max_event_bytes && !parser_.done()) {
      return End::too_large;
    }
  }
  return End::complete;
}

void StreamReader::take_event(const Start& start) {
  Result<Event> event = parse_event(parser_.release());
  if (event) {
    one_per_line_ = one_per_line_ || (arrays_ == 0 && source_.line() == start.line);
    ++counts_.events;
    handlers_.on_event(std::move(*event));
    return;
  }
  reject(start, event.error());
  if (arrays_ == 0) {
    leave_damaged_line();
  }
}

// A line whose beginning is lost holds several values and more; it counts once.
void StreamReader::leave_damaged_line() {
  const std::string_view ahead = source_.peek(lookahead_bytes);
  const std::size_t next = std::min(ahead.find_first_not_of(" \t\r,"), ahead.size());
  if (one_per_line_ || ahead.substr(next).find_first_of("{[") != 0) {
    skip_to_boundary(here(), true);
  }
}

// A damaged element may have taken in those after it, so what is sought begins next after its
// start. Nested values alone are read again, and only so deep, and only in elements of moderate
// size: reading takes linear time.
void StreamReader::recover(const Start& start) {
  was_damaged_ = true;
  const bool lines = arrays_ == 0 && source_.line() == start.line;
  source_.rewind();
  if (source_.offset() == start.offset && !source_.peek().empty()) {
    source_.consume(1);
  }
  skip_to_boundary(start, lines);
}

// To the next place where an element plausibly begins. `lines` means: at the latest the next line.
void StreamReader::skip_to_boundary(const Start& start, bool lines) {
  while (true) {
    const std::string_view ahead = source_.peek(lookahead_bytes);
    if (ahead.empty() || is_boundary(ahead, start, lines)) {
      return;
    }
    const std::size_t next = ahead.find_first_of("\n{[", ahead.front() == '\n' ? 0 : 1);
    if (next == std::string_view::npos) {
      source_.consume(ahead.size());
    } else {
      source_.consume(ahead[next] == '\n' ? next + 1 : next);
    }
  }
}

// `{"id":"1`: how the API begins each event, and no object inside of one (their ids are numbers).
bool begins_with_event_id(std::string_view text) {
  for (const std::string_view token : {"{", "\"id\"", ":", "\""}) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    if (!text.starts_with(token)) {
      return false;
    }
    text.remove_prefix(token.size());
  }
  return !text.empty() && text.front() >= '0' && text.front() <= '9';
}

bool StreamReader::is_boundary(std::string_view ahead, const Start& start, bool lines) const {
  const bool later_line = source_.line() > start.line;
  if (lines && later_line && source_.indent() == 0) {
    return true;
  }
  if (one_per_line_ && arrays_ == 0 && later_line && source_.indent()) {
    const bool begins_line = source_.indent() == 0 && ahead.find_first_of(" \t\r\n}],") != 0;
    if (begins_line || ahead.starts_with("{\"")) {
      return true;
    }
  }
  const bool object = ahead.front() == '{';
  if (later_line && source_.indent() && (object || (ahead.front() == '[' && arrays_ == 0))) {
    const bool same_indent = start.indent == source_.indent();
    if (same_indent || (!start.indent && ahead.starts_with("{\""))) {
      return true;
    }
  }
  if (arrays_ == 0 && source_.previous() == '}' && ahead.starts_with("{\"")) {
    return true;
  }
  return object && begins_with_event_id(ahead);
}

void StreamReader::reject(const Start& start, const Error& error) {
  ++counts_.rejected;
  const std::string offset = " (offset " + std::to_string(start.offset) + ")";
  if (start.element > 0) {
    handlers_.on_rejected("element " + std::to_string(start.element) + offset, error);
  } else {
    handlers_.on_rejected("line " + std::to_string(start.line) + (start.indent ? "" : offset),
                          error);
  }
}

StreamReader::Start StreamReader::here() const {
  return {.offset = source_.offset(),
          .line = source_.line(),
          .indent = source_.indent(),
          .element = arrays_ > 0 ? elements_ : 0};
}

}  // namespace

StreamCounts read_events(std::istream& in, const StreamHandlers& handlers) {
  return StreamReader(in, handlers).run();
}

}  // namespace bb::github
