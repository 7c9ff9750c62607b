/* The independent cascade at one chance, as fast as C was made to do it: the yardstick of classic_cascade.py.

Counter hashes eight at a time, gaps between successes by a guide table, a bitmap, prefetches, and successes that are
collected by the hundred before anybody becomes active. */
#include <stdint.h>

typedef uint64_t u64;
typedef uint32_t u32;

#define DRAWN 256
#define COLLECTED 512

struct graph {
    const int64_t *offsets;
    const u32 *followers;
};
struct gaps {
    const u64 *chances;
    const uint16_t *guide;
};
struct state {
    u64 *active;
    u32 *order;
};

static inline u64 mix(u64 x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
    return x ^ (x >> 31);
}

static void draw(const struct gaps *gaps, u64 key, u64 *count, u64 *stored) {
    for (int i = 0; i < DRAWN; i++) stored[i] = mix(key + (*count + 1 + i) * 0x9E3779B97F4A7C15ull);
    *count += DRAWN;
    for (int i = 0; i < DRAWN; i++) {
        u64 k = gaps->guide[stored[i] >> 55];
        while (stored[i] >> 11 >= gaps->chances[k]) k++;
        stored[i] = k;
    }
}

static inline u64 offer(struct state state, u64 follower, u64 size) {
    u64 word = state.active[follower >> 6], bit = follower & 63;
    state.active[follower >> 6] = word | 1ull << bit;
    state.order[size] = (u32)follower;
    return size + ((word >> bit & 1) ^ 1);
}

/* Chances of at least .05, so that the table holds every gap. Returns how many became active; clears the bitmap. */
u64 cascade(const struct graph *graph, const struct gaps *gaps, u64 key, const u32 *seeds, u64 n_seeds,
            const struct state *at_hand) {
    const int64_t *offsets = graph->offsets;
    const u32 *followers = graph->followers;
    struct state state = *at_hand;
    u64 stored[DRAWN], places[COLLECTED], size = 0, count = 0, used = 1, head = 0;
    for (u64 k = 0; k < n_seeds; k++) size = offer(state, seeds[k], size);
    draw(gaps, key, &count, stored);
    u64 gap = stored[0];
    while (head < size) {
        u64 end = size, at = 0, last = 0;
        for (;;) {
            u64 n = 0;
            while (n < COLLECTED) {
                if (at >= last) {
                    if (head == end) break;
                    __builtin_prefetch(&offsets[state.order[head + 32]]);
                    u32 person = state.order[head++];
                    at = (u64)offsets[person] + gap;
                    last = (u64)offsets[person + 1];
                    gap = at - last;
                    continue;
                }
                __builtin_prefetch(&followers[at]);
                places[n++] = at;
                if (used == DRAWN) draw(gaps, key, &count, stored), used = 0;
                at += stored[used++] + 1;
                gap = at - last;
            }
            for (u64 k = 0; k < n; k++) {
                places[k] = followers[places[k]];
                __builtin_prefetch(&state.active[places[k] >> 6], 1);
            }
            for (u64 k = 0; k < n; k++) size = offer(state, places[k], size);
            if (at >= last && head == end) break;
        }
    }
    for (u64 k = 0; k < size; k++) state.active[state.order[k] >> 6] = 0;
    return size;
}
