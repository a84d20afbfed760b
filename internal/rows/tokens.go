package rows

import (
	"context"
	"encoding/binary"
	"math"
	"slices"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

// Search tokens stand in blocks of many reports, each cut into parts by the tokens' first bits: a report adds to at most as many rows
// as there are parts, the reports of one transaction to the same ones, and whoever looks for a token reads one part of every block.
// A row for each token of each report would be a hundred rows a report, each in a page of its own.
const (
	tokenParts = 128
	// blockReports is how many reports a block holds; the index search_blocks_room repeats it.
	blockReports = 192
	tokenSize    = 8
	entrySize    = tokenSize + 4 // a token and a report's number
)

// placeOf is the row of a part of a block.
func placeOf(part int, block int64) int64 { return int64(part)<<32 | block }

// partOf is the part to which a token belongs.
func partOf(token []byte) int { return int(token[0]) * tokenParts >> 8 }

// addTokens puts the reports' tokens into blocks and says which report's are in which.
func (t *Tx) addTokens(ctx context.Context, all []filed) (blocks map[int64]int64, err error) {
	blocks = map[int64]int64{}
	all = slices.DeleteFunc(slices.Clone(all), func(f filed) bool { return len(f.Tokens) == 0 })
	for len(all) > 0 {
		block, room, err := t.roomyBlock(ctx)
		if err != nil {
			return nil, err
		}
		some := all[:min(len(all), room)]
		rows := map[int64][]byte{}
		for _, f := range some {
			blocks[f.num] = block
			for _, token := range f.Tokens {
				if len(token) != tokenSize {
					return nil, heed.ErrInvalid
				}
				place := placeOf(partOf(token), block)
				rows[place] = binary.BigEndian.AppendUint32(append(rows[place], token...), uint32(f.num))
			}
		}
		if err := t.append(ctx, "search_tokens", "place", "tokens", rows); err != nil {
			return nil, err
		}
		if err := t.engine.GrowBlock(ctx, lite.GrowBlockParams{By: int64(len(some)), Block: block}); err != nil {
			return nil, err
		}
		all = all[len(some):]
	}
	return blocks, nil
}

// roomyBlock is a block with room for some reports, to which nobody else adds meanwhile.
func (t *Tx) roomyBlock(ctx context.Context) (block int64, room int, err error) {
	query := "SELECT block, reports FROM search_blocks WHERE reports < 192 ORDER BY block LIMIT 1" + t.engine.Lock(true)
	err = t.engine.Each(ctx, query, nil, func(into func(...any) error) error {
		var reports int
		err := into(&block, &reports)
		room = blockReports - reports
		return err
	})
	if err != nil || room > 0 {
		return block, room, err
	}
	block, err = t.engine.InsertBlock(ctx)
	return block, blockReports, err
}

// deleteTokens takes a report's tokens out of its block.
func (t *Tx) deleteTokens(ctx context.Context, num, block int64) error {
	if block == 0 {
		return nil
	}
	// First of all the block itself: whoever adds to it or takes out of it holds it.
	if err := t.engine.GrowBlock(ctx, lite.GrowBlockParams{By: -1, Block: block}); err != nil {
		return err
	}
	places := make([]int64, tokenParts)
	for part := range places {
		places[part] = placeOf(part, block)
	}
	left := map[int64][]byte{}
	err := t.eachOf(ctx, "place, tokens", "search_tokens", "place", places, "", func(into func(...any) error) error {
		var place int64
		var tokens []byte
		err := into(&place, &tokens)
		rest := without(tokens, entrySize, func(entry []byte) bool { return int64(binary.BigEndian.Uint32(entry[tokenSize:])) == num })
		if len(rest) < len(tokens) {
			left[place] = rest
		}
		return err
	})
	if err != nil {
		return err
	}
	for place, tokens := range left {
		if len(tokens) == 0 {
			err = t.engine.DeleteTokens(ctx, place)
		} else {
			err = t.engine.UpdateTokens(ctx, lite.UpdateTokensParams{Place: place, Tokens: tokens})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// having gives the numbers of the reports that have every token, in their order.
func (t *Tx) having(ctx context.Context, tokens [][]byte) (nums []int64, err error) {
	for i, token := range tokens {
		if len(token) != tokenSize {
			return nil, heed.ErrInvalid
		}
		part, sought := partOf(token), binary.BigEndian.Uint64(token)
		var found []int64
		err := t.engine.Each(ctx, "SELECT tokens FROM search_tokens WHERE place >= ?1 AND place <= ?2", []any{placeOf(part, 0), placeOf(part, math.MaxUint32)},
			func(into func(...any) error) error {
				var entries []byte
				err := into(&entries)
				for ; len(entries) >= entrySize; entries = entries[entrySize:] {
					if binary.BigEndian.Uint64(entries) == sought {
						found = append(found, int64(binary.BigEndian.Uint32(entries[tokenSize:])))
					}
				}
				return err
			})
		if err != nil {
			return nil, err
		}
		if found = distinct(found); i > 0 {
			found = slices.DeleteFunc(found, func(n int64) bool { _, both := slices.BinarySearch(nums, n); return !both })
		}
		if nums = found; len(nums) == 0 {
			break
		}
	}
	return nums, nil
}
