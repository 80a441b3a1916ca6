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
    std::string position;
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
  void skip_to_boundary(const Start& start);
  [[nodiscard]] bool is_boundary(std::string_view ahead, const Start& start, bool lines) const;
  void reject(const std::string& position, const Error& error);
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
    reject(here().position, {.code = ErrorCode::invalid_input, .message = source_.damage()});
  } else if (arrays_ > 0 && !was_damaged_ && !reported_end_) {
    reject(here().position, {.code = ErrorCode::invalid_input, .message = "the array ends early"});
  }
  return counts_;
}

void StreamReader::read_element() {
  ++elements_;
  const Start start = here();
  parser_.reset(&memory_);
  memory_.release();
  boost::system::error_code error;
  switch (parse(error)) {
    case End::complete:
      take_event(start);
      break;
    case End::damaged:
      reject(start.position, {.code = ErrorCode::invalid_input,
                              .message = "not JSON at offset " + std::to_string(source_.offset()) +
                                         ": " + error.message()});
      skip_to_boundary(start);
      break;
    case End::too_large:
      reject(start.position,
             {.code = ErrorCode::invalid_input, .message = "larger than 8 MiB, skipped"});
      skip_to_boundary(start);
      break;
    case End::cut_off:
      reported_end_ = true;
      reject(start.position,
             {.code = ErrorCode::invalid_input,
              .message = source_.damage().empty() ? "ends in the middle" : source_.damage()});
      break;
  }
}

StreamReader::End StreamReader::parse(boost::system::error_code& error) {
  bool first_line = arrays_ == 0;
  for (std::size_t taken = 0; !parser_.done();) {
    std::string_view ahead = source_.peek();
    if (ahead.empty()) {
      parser_.finish(error);
      return error ? End::cut_off : End::complete;
    }
    const std::size_t line_end = first_line ? ahead.find('\n') : std::string_view::npos;
    if (line_end == 0) {
      first_line = false;
      if (one_per_line_ && taken > pretty_first_line_bytes) {
        error = boost::json::make_error_code(boost::json::error::incomplete);
        return End::damaged;
      }
    } else {
      ahead = ahead.substr(0, line_end);
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
  one_per_line_ = one_per_line_ || first_line;
  return End::complete;
}

void StreamReader::take_event(const Start& start) {
  Result<Event> event = parse_event(parser_.release());
  if (!event) {
    reject(start.position, event.error());
    return;
  }
  ++counts_.events;
  handlers_.on_event(std::move(*event));
}

// After damage the next place where an element plausibly begins. Always moves forward.
void StreamReader::skip_to_boundary(const Start& start) {
  was_damaged_ = true;
  const bool lines = arrays_ == 0 && source_.line() == start.line;
  if (source_.offset() == start.offset) {
    source_.consume(1);
  }
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

void StreamReader::reject(const std::string& position, const Error& error) {
  ++counts_.rejected;
  handlers_.on_rejected(position, error);
}

StreamReader::Start StreamReader::here() const {
  Start start{.offset = source_.offset(),
              .line = source_.line(),
              .indent = source_.indent(),
              .position = {}};
  const std::string offset = " (offset " + std::to_string(start.offset) + ")";
  if (arrays_ > 0) {
    start.position = "element " + std::to_string(elements_) + offset;
  } else {
    start.position = "line " + std::to_string(start.line) + (start.indent ? "" : offset);
  }
  return start;
}

}  // namespace

StreamCounts read_events(std::istream& in, const StreamHandlers& handlers) {
  return StreamReader(in, handlers).run();
}

}  // namespace bb::github
