// Preloaded into the bot (LD_PRELOAD): makes a disk fail. BB_DISK_FAULT names a file that says how,
// for as long as it says so: "full", "read-only" or "sync"; what is empty or absent works. Only
// files whose path has BB_DISK_PATH in it are hit.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

enum class Call { write, sync };

// With system calls of its own, so that it is not hit by itself.
std::string_view read_fault(std::array<char, 32>& buffer) {
  const char* const path = std::getenv("BB_DISK_FAULT");
  const long file =
      path == nullptr ? -1 : syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return {};
  }
  const long size = syscall(SYS_read, file, buffer.data(), buffer.size());
  syscall(SYS_close, file);
  return {buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

bool is_hit(int file) {
  const char* const wanted = std::getenv("BB_DISK_PATH");
  std::array<char, 32> link;
  std::array<char, 4096> path;
  std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", file);
  const ssize_t size = readlink(link.data(), path.data(), path.size());
  return wanted != nullptr && size > 0 &&
         std::string_view(path.data(), static_cast<std::size_t>(size)).contains(wanted);
}

// 0, or the error of this call.
int error_of(Call call, int file) {
  std::array<char, 32> buffer;
  const std::string_view fault = read_fault(buffer);
  if (fault.empty() || !is_hit(file)) {
    return 0;
  }
  if (call == Call::sync) {
    return fault == "sync" ? EIO : 0;
  }
  return fault == "full" ? ENOSPC : fault == "read-only" ? EROFS : 0;
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

template <class Function, class... Arguments>
auto call_next(Call call, const char* name, int file, Arguments... arguments)
    -> decltype(next<Function>(name)(file, arguments...)) {
  if (const int error = error_of(call, file)) {
    errno = error;
    return -1;
  }
  return next<Function>(name)(file, arguments...);
}

}  // namespace

extern "C" {

ssize_t write(int file, const void* octets, size_t size) {
  return call_next<ssize_t(int, const void*, size_t)>(Call::write, "write", file, octets, size);
}
ssize_t pwrite(int file, const void* octets, size_t size, off_t at) {
  return call_next<ssize_t(int, const void*, size_t, off_t)>(Call::write, "pwrite", file, octets,
                                                             size, at);
}
ssize_t pwrite64(int file, const void* octets, size_t size, off64_t at) {
  return call_next<ssize_t(int, const void*, size_t, off64_t)>(Call::write, "pwrite64", file,
                                                               octets, size, at);
}
int ftruncate(int file, off_t size) noexcept {
  return call_next<int(int, off_t)>(Call::write, "ftruncate", file, size);
}
int ftruncate64(int file, off64_t size) noexcept {
  return call_next<int(int, off64_t)>(Call::write, "ftruncate64", file, size);
}
int fsync(int file) {
  return call_next<int(int)>(Call::sync, "fsync", file);
}
int fdatasync(int file) {
  return call_next<int(int)>(Call::sync, "fdatasync", file);
}

}  // extern "C"
