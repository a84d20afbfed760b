package profile

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/heed-line/heed"
)

// ParseDuration reads "5m", "3h", "1h30m", "30d" or "1y" (of 365 days).
//
// It returns heed.ErrInvalid for anything else, and for what is not above zero.
func ParseDuration(s string) (time.Duration, error) {
	s = strings.TrimSpace(s)
	for unit, length := range map[string]time.Duration{"d": day, "y": year} {
		digits, ok := strings.CutSuffix(s, unit)
		if !ok {
			continue
		}
		n, err := strconv.ParseUint(digits, 10, 31)
		if err != nil || n == 0 || time.Duration(n) > math.MaxInt64/length {
			return 0, fmt.Errorf("duration %q: %w", s, heed.ErrInvalid)
		}
		return time.Duration(n) * length, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("duration %q: %w", s, heed.ErrInvalid)
	}
	return d, nil
}

// parseSize reads "100 MiB", "2GiB", "500 kB" or plain bytes.
func parseSize(s string) (int64, error) {
	units := []struct {
		name string
		size int64
	}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1}, {"", 1}}
	for _, u := range units {
		digits, ok := strings.CutSuffix(s, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.ReplaceAll(strings.TrimSpace(digits), "_", ""), 10, 64)
		if err != nil || n < 0 || n > math.MaxInt64/u.size {
			break
		}
		return n * u.size, nil
	}
	return 0, fmt.Errorf("size %q: %w", s, heed.ErrInvalid)
}

// parseShare reads "1%", "0.5 %" or "95%" as a number from 0 to 1.
func parseShare(s string) (float64, error) {
	digits, ok := strings.CutSuffix(s, "%")
	percent, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	if !ok || err != nil || !(0 <= percent && percent <= 100) {
		return 0, fmt.Errorf("share %q: %w", s, heed.ErrInvalid)
	}
	return percent / 100, nil
}
