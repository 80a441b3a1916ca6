// The octets of a file, decompressed if they are gzip, in a window of fixed size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bb::github {

class OctetSource {
 public:
  using Progress = std::function<void(std::uint64_t octets)>;

  // `on_progress` is told how much was taken from `in`, before decompression.
  OctetSource(std::istream& in, Progress on_progress);
  ~OctetSource();

  // What comes next: everything in the window, and at least `count` octets (up to 64 KiB) unless
  // the input ends before. Valid until the next call of peek().
  std::string_view peek(std::size_t count = 1);

  void consume(std::size_t count);

  // Remembers this place instead of the one before, until more than 256 KiB are consumed from it.
  void mark() { mark_ = at_; }
  [[nodiscard]] bool is_marked() const { return mark_.has_value(); }
  // Goes back to the mark, if there still is one.
  void rewind();

  // Of the next octet, after decompression. Lines count from 1.
  [[nodiscard]] std::uint64_t offset() const { return at_.offset; }
  [[nodiscard]] std::uint64_t line() const { return at_.line; }

  // White space between the start of the line and here; nothing if something else stands there.
  [[nodiscard]] std::optional<std::size_t> indent() const { return at_.indent; }

  [[nodiscard]] char previous() const { return at_.previous; }

  // Why the input ended before its end; empty while all is well.
  [[nodiscard]] const std::string& damage() const { return damage_; }

 private:
  struct Inflater;
  struct Place {
    std::uint64_t offset = 0;
    std::uint64_t line = 1;
    std::optional<std::size_t> indent = 0;
    char previous = '\n';
  };

  bool refill_input();
  std::size_t read(char* into, std::size_t capacity);
  std::size_t read_plain(char* into, std::size_t capacity);
  std::size_t read_gzip(char* into, std::size_t capacity);
  bool start_next_member();

  std::istream& in_;
  Progress on_progress_;
  std::vector<char> input_;
  std::string_view pending_;  // the part of input_ that is not yet decoded
  std::uint64_t taken_ = 0;
  std::unique_ptr<Inflater> inflater_;
  std::string damage_;

  std::vector<char> window_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  Place at_;
  std::optional<Place> mark_;
};

}  // namespace bb::github
