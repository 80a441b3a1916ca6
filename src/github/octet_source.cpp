#include "github/octet_source.hpp"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace bb::github {
namespace {

constexpr std::size_t input_bytes = 64UZ * 1024;
constexpr std::size_t kept_bytes = 256UZ * 1024;  // behind what comes next, for a mark
constexpr std::size_t window_bytes = kept_bytes + 256UZ * 1024;
constexpr std::string_view gzip_magic = "\x1F\x8B";
constexpr int gzip_only = 16;  // added to the window bits: a gzip header is required

}  // namespace

struct OctetSource::Inflater {
  z_stream stream = {};
  bool between_members = false;

  Inflater() {
    if (inflateInit2(&stream, MAX_WBITS + gzip_only) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
};

OctetSource::OctetSource(std::istream& in, Progress on_progress)
    : in_(in), on_progress_(std::move(on_progress)), input_(input_bytes), window_(window_bytes) {
  if (refill_input() && pending_.starts_with(gzip_magic)) {
    inflater_ = std::make_unique<Inflater>();
  }
}

OctetSource::~OctetSource() = default;

std::string_view OctetSource::peek(std::size_t count) {
  if (end_ - begin_ < count) {
    const std::size_t kept = mark_ ? at_.offset - mark_->offset : 0;
    const std::size_t unused = begin_ - kept;
    std::memmove(window_.data(), window_.data() + unused, end_ - unused);
    begin_ -= unused;
    end_ -= unused;
    while (end_ - begin_ < count) {
      const std::size_t got = read(window_.data() + end_, window_.size() - end_);
      if (got == 0) {
        break;
      }
      end_ += got;
    }
  }
  return {window_.data() + begin_, end_ - begin_};
}

void OctetSource::consume(std::size_t count) {
  if (count == 0) {
    return;
  }
  std::string_view taken(window_.data() + begin_, count);
  begin_ += count;
  at_.offset += count;
  at_.previous = taken.back();
  for (std::size_t at = taken.find('\n'); at != std::string_view::npos; at = taken.find('\n')) {
    taken.remove_prefix(at + 1);
    ++at_.line;
    at_.indent = 0;
  }
  if (at_.indent) {
    const bool blank = taken.find_first_not_of(" \t\r") == std::string_view::npos;
    at_.indent = blank ? std::optional(*at_.indent + taken.size()) : std::nullopt;
  }
  if (mark_ && at_.offset - mark_->offset > kept_bytes) {
    mark_.reset();
  }
}

void OctetSource::rewind() {
  if (mark_) {
    begin_ -= at_.offset - mark_->offset;
    at_ = *mark_;
  }
}

bool OctetSource::refill_input() {
  if (!in_.good()) {
    return false;
  }
  in_.read(input_.data(), static_cast<std::streamsize>(input_.size()));
  const auto count = static_cast<std::size_t>(in_.gcount());
  if (in_.bad()) {
    damage_ = "reading failed";
  }
  pending_ = {input_.data(), count};
  taken_ += count;
  if (count > 0 && on_progress_) {
    on_progress_(taken_);
  }
  return count > 0;
}

std::size_t OctetSource::read(char* into, std::size_t capacity) {
  return inflater_ ? read_gzip(into, capacity) : read_plain(into, capacity);
}

std::size_t OctetSource::read_plain(char* into, std::size_t capacity) {
  if (pending_.empty() && !refill_input()) {
    return 0;
  }
  const std::size_t count = std::min(capacity, pending_.size());
  std::memcpy(into, pending_.data(), count);
  pending_.remove_prefix(count);
  return count;
}

std::size_t OctetSource::read_gzip(char* into, std::size_t capacity) {
  z_stream& stream = inflater_->stream;
  stream.next_out = reinterpret_cast<Bytef*>(into);
  stream.avail_out = static_cast<uInt>(capacity);
  while (stream.avail_out == capacity && damage_.empty()) {
    if (pending_.empty() && !refill_input()) {
      if (!inflater_->between_members && damage_.empty()) {
        damage_ = "the gzip data end early";
      }
      break;
    }
    if (inflater_->between_members && !start_next_member()) {
      continue;
    }
    // zlib does not write to its input; its interface predates const.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(pending_.data()));
    stream.avail_in = static_cast<uInt>(pending_.size());
    const int status = inflate(&stream, Z_NO_FLUSH);
    pending_.remove_prefix(pending_.size() - stream.avail_in);
    if (status == Z_STREAM_END) {
      inflater_->between_members = true;
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      damage_ = "the gzip data are damaged";
    }
  }
  return capacity - stream.avail_out;
}

// Concatenated gzip files are one file (RFC 1952 section 2.2); tapes and some tools pad with zeros.
bool OctetSource::start_next_member() {
  pending_.remove_prefix(std::min(pending_.find_first_not_of('\0'), pending_.size()));
  if (pending_.empty()) {
    return false;
  }
  if (pending_.front() != gzip_magic.front()) {
    damage_ = "something else follows the gzip data";
    return false;
  }
  inflater_->between_members = false;
  inflateReset(&inflater_->stream);
  return true;
}

}  // namespace bb::github
