//! A die that falls the same in each run, and words as often as words are.

/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
pub struct Die(pub u64);

impl Die {
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0 to `most` - 1.
    pub fn below(&mut self, most: usize) -> usize {
        (self.roll() % most as u64) as usize
    }

    /// 0 to `most` - 1, each less likely than the one before, in about the way of words and of tags.
    pub fn rank(&mut self, most: usize) -> usize {
        let share = self.roll() as f64 / u64::MAX as f64;
        ((most as f64).powf(share) as usize).min(most) - 1
    }

    pub fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// How many words there are.
pub const WORDS: usize = 30_000;

/// The word of this rank: 0 is in most texts.
pub fn word(rank: usize) -> String {
    const HEADS: [&str; 20] =
        ["b", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "st", "tr", "br", "sl", "gr"];
    const HEARTS: [&str; 6] = ["a", "e", "i", "o", "u", "ei"];
    let mut rest = rank;
    let mut word = String::new();
    loop {
        word += HEADS[rest % HEADS.len()];
        rest /= HEADS.len();
        word += HEARTS[rest % HEARTS.len()];
        rest /= HEARTS.len();
        if rest == 0 {
            return word;
        }
        rest -= 1;
    }
}

pub fn text(die: &mut Die, words: usize) -> String {
    (0..words).map(|_| word(die.rank(WORDS))).collect::<Vec<_>>().join(" ")
}
