;; Loops over pixels in WebAssembly's SIMD: Pillow's resampling, and what libjpeg does after the inverse DCT.
;; Everything is the integer arithmetic of those two libraries, so it gives their bytes in every browser.
;; `npm run assemble` turns this file into binary.ts. Arguments that end in Bytes, and addresses, are in bytes.
(module
  (memory (export "memory") 16)

  ;; The weights of a resize are a table of records, one a result: first source pixel or row, number of taps,
  ;; then the weights (22 fraction bits); all int32, `recordBytes` a record.

  ;; `rows` rows of pixels of 4 bytes or 3 (`pixelBytes`), each resized to `outWidth` pixels of 3 bytes.
  ;; Reads and writes up to a pixel beyond the last.
  (func (export "horizontal")
    (param $source i32) (param $rowBytes i32) (param $pixelBytes i32) (param $rows i32)
    (param $table i32) (param $recordBytes i32) (param $outWidth i32) (param $out i32)
    (local $record i32) (local $lastRecord i32) (local $from i32) (local $weight i32) (local $end i32)
    (local $sum v128)
    (local.set $lastRecord (i32.add (local.get $table) (i32.mul (local.get $recordBytes) (local.get $outWidth))))
    (loop $row
      (local.set $record (local.get $table))
      (loop $pixel
        (local.set $from
          (i32.add (local.get $source) (i32.mul (i32.load (local.get $record)) (local.get $pixelBytes))))
        (local.set $weight (i32.add (local.get $record) (i32.const 8)))
        (local.set $end
          (i32.add (local.get $weight) (i32.shl (i32.load offset=4 (local.get $record)) (i32.const 2))))
        (local.set $sum (v128.const i32x4 0x200000 0x200000 0x200000 0x200000))
        (loop $tap
          (local.set $sum
            (i32x4.add
              (local.get $sum)
              (i32x4.mul
                (v128.load32_splat (local.get $weight))
                (i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u (v128.load32_zero (local.get $from)))))))
          (local.set $from (i32.add (local.get $from) (local.get $pixelBytes)))
          (local.set $weight (i32.add (local.get $weight) (i32.const 4)))
          (br_if $tap (i32.lt_u (local.get $weight) (local.get $end))))
        (local.set $sum (i32x4.shr_s (local.get $sum) (i32.const 22)))
        (local.set $sum (i16x8.narrow_i32x4_s (local.get $sum) (local.get $sum)))
        (v128.store32_lane 0 (local.get $out) (i8x16.narrow_i16x8_u (local.get $sum) (local.get $sum)))
        (local.set $out (i32.add (local.get $out) (i32.const 3)))
        (local.set $record (i32.add (local.get $record) (local.get $recordBytes)))
        (br_if $pixel (i32.lt_u (local.get $record) (local.get $lastRecord))))
      (local.set $source (i32.add (local.get $source) (local.get $rowBytes)))
      (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
      (br_if $row (local.get $rows))))

  ;; Rows of `rowBytes` bytes, resized to `outHeight` rows. Reads and writes up to 15 bytes beyond the last.
  (func (export "vertical")
    (param $source i32) (param $rowBytes i32)
    (param $table i32) (param $recordBytes i32) (param $outHeight i32) (param $out i32)
    (local $column i32) (local $from i32) (local $weight i32) (local $end i32)
    (local $bytes v128) (local $half v128) (local $factor v128)
    (local $sum0 v128) (local $sum1 v128) (local $sum2 v128) (local $sum3 v128)
    (loop $row
      (local.set $end
        (i32.add
          (i32.add (local.get $table) (i32.const 8))
          (i32.shl (i32.load offset=4 (local.get $table)) (i32.const 2))))
      (local.set $column (i32.const 0))
      (loop $chunk
        (local.set $from
          (i32.add
            (i32.add (local.get $source) (local.get $column))
            (i32.mul (i32.load (local.get $table)) (local.get $rowBytes))))
        (local.set $weight (i32.add (local.get $table) (i32.const 8)))
        (local.set $sum0 (v128.const i32x4 0x200000 0x200000 0x200000 0x200000))
        (local.set $sum1 (local.get $sum0))
        (local.set $sum2 (local.get $sum0))
        (local.set $sum3 (local.get $sum0))
        (loop $tap
          (local.set $bytes (v128.load (local.get $from)))
          (local.set $factor (v128.load32_splat (local.get $weight)))
          (local.set $half (i16x8.extend_low_i8x16_u (local.get $bytes)))
          (local.set $sum0
            (i32x4.add
              (local.get $sum0)
              (i32x4.mul (local.get $factor) (i32x4.extend_low_i16x8_u (local.get $half)))))
          (local.set $sum1
            (i32x4.add
              (local.get $sum1)
              (i32x4.mul (local.get $factor) (i32x4.extend_high_i16x8_u (local.get $half)))))
          (local.set $half (i16x8.extend_high_i8x16_u (local.get $bytes)))
          (local.set $sum2
            (i32x4.add
              (local.get $sum2)
              (i32x4.mul (local.get $factor) (i32x4.extend_low_i16x8_u (local.get $half)))))
          (local.set $sum3
            (i32x4.add
              (local.get $sum3)
              (i32x4.mul (local.get $factor) (i32x4.extend_high_i16x8_u (local.get $half)))))
          (local.set $from (i32.add (local.get $from) (local.get $rowBytes)))
          (local.set $weight (i32.add (local.get $weight) (i32.const 4)))
          (br_if $tap (i32.lt_u (local.get $weight) (local.get $end))))
        (v128.store
          (i32.add (local.get $out) (local.get $column))
          (i8x16.narrow_i16x8_u
            (i16x8.narrow_i32x4_s
              (i32x4.shr_s (local.get $sum0) (i32.const 22))
              (i32x4.shr_s (local.get $sum1) (i32.const 22)))
            (i16x8.narrow_i32x4_s
              (i32x4.shr_s (local.get $sum2) (i32.const 22))
              (i32x4.shr_s (local.get $sum3) (i32.const 22)))))
        (local.set $column (i32.add (local.get $column) (i32.const 16)))
        (br_if $chunk (i32.lt_u (local.get $column) (local.get $rowBytes))))
      (local.set $out (i32.add (local.get $out) (local.get $rowBytes)))
      (local.set $table (i32.add (local.get $table) (local.get $recordBytes)))
      (local.set $outHeight (i32.sub (local.get $outHeight) (i32.const 1)))
      (br_if $row (local.get $outHeight))))

  ;; libjpeg's fancy upsampling (`h2v2_fancy_upsample`, `h2v1_fancy_upsample` of jdsample.c) of one row of chroma:
  ;; `width` samples become twice as many. Each result is 3/4 of its own sample and 1/4 of its neighbour, after the
  ;; same was done with the two nearest rows (`far` is `near` where chroma has every row). The sums of the rows go to
  ;; `sums`, which has room for one more on the left and 8 more on the right.
  (func (export "upsample")
    (param $near i32) (param $far i32) (param $width i32) (param $biasEven i32) (param $biasOdd i32)
    (param $sums i32) (param $out i32)
    (local $i i32) (local $end i32) (local $thrice v128) (local $even v128) (local $odd v128)
    (loop $sum
      (v128.store
        (i32.add (local.get $sums) (i32.shl (local.get $i) (i32.const 1)))
        (i16x8.add
          (i16x8.mul
            (i16x8.extend_low_i8x16_u (v128.load64_zero (i32.add (local.get $near) (local.get $i))))
            (v128.const i16x8 3 3 3 3 3 3 3 3))
          (i16x8.extend_low_i8x16_u (v128.load64_zero (i32.add (local.get $far) (local.get $i))))))
      (local.set $i (i32.add (local.get $i) (i32.const 8)))
      (br_if $sum (i32.lt_u (local.get $i) (local.get $width))))
    ;; Beyond both ends the last sample goes on.
    (i32.store16 (i32.sub (local.get $sums) (i32.const 2)) (i32.load16_u (local.get $sums)))
    (local.set $end (i32.add (local.get $sums) (i32.shl (local.get $width) (i32.const 1))))
    (i32.store16 (local.get $end) (i32.load16_u (i32.sub (local.get $end) (i32.const 2))))
    (loop $spread
      (local.set $thrice (i16x8.mul (v128.load (local.get $sums)) (v128.const i16x8 3 3 3 3 3 3 3 3)))
      (local.set $even
        (i16x8.shr_u
          (i16x8.add
            (i16x8.add (local.get $thrice) (v128.load (i32.sub (local.get $sums) (i32.const 2))))
            (i16x8.splat (local.get $biasEven)))
          (i32.const 4)))
      (local.set $odd
        (i16x8.shr_u
          (i16x8.add
            (i16x8.add (local.get $thrice) (v128.load offset=2 (local.get $sums)))
            (i16x8.splat (local.get $biasOdd)))
          (i32.const 4)))
      (v128.store (local.get $out) (v128.or (local.get $even) (i16x8.shl (local.get $odd) (i32.const 8))))
      (local.set $sums (i32.add (local.get $sums) (i32.const 16)))
      (local.set $out (i32.add (local.get $out) (i32.const 16)))
      (br_if $spread (i32.lt_u (local.get $sums) (local.get $end)))))

  ;; `ycc_rgb_convert` of libjpeg's jdcolor.c: a row of `width` samples of luma, Cb and Cr becomes RGBX. Its factors
  ;; that are too large for 16 bits have their whole part taken out: 1.402 = 1 + 26345 / 65536, 1.772 =
  ;; 2 - 14942 / 65536, 0.71414 = 1 - 18734 / 65536. Reads and writes up to 7 pixels beyond the last.
  (func (export "toRgbx") (param $y i32) (param $cb i32) (param $cr i32) (param $width i32) (param $out i32)
    (local $end i32) (local $luma v128) (local $blue v128) (local $red v128) (local $low v128) (local $high v128)
    (local $half v128) (local $ofRed v128) (local $ofGreen v128) (local $ofBlue v128)
    (local $r v128) (local $g v128) (local $b v128)
    (local.set $end (i32.add (local.get $y) (local.get $width)))
    (local.set $half (v128.const i32x4 32768 32768 32768 32768))
    (local.set $ofRed (v128.const i16x8 0 26345 0 26345 0 26345 0 26345))
    (local.set $ofGreen (v128.const i16x8 -22554 18734 -22554 18734 -22554 18734 -22554 18734))
    (local.set $ofBlue (v128.const i16x8 -14942 0 -14942 0 -14942 0 -14942 0))
    (loop $pixels
      (local.set $luma (i16x8.extend_low_i8x16_u (v128.load64_zero (local.get $y))))
      (local.set $blue
        (i16x8.sub
          (i16x8.extend_low_i8x16_u (v128.load64_zero (local.get $cb)))
          (v128.const i16x8 128 128 128 128 128 128 128 128)))
      (local.set $red
        (i16x8.sub
          (i16x8.extend_low_i8x16_u (v128.load64_zero (local.get $cr)))
          (v128.const i16x8 128 128 128 128 128 128 128 128)))
      ;; Cb and Cr side by side.
      (local.set $low
        (i8x16.shuffle 0 1 16 17 2 3 18 19 4 5 20 21 6 7 22 23 (local.get $blue) (local.get $red)))
      (local.set $high
        (i8x16.shuffle 8 9 24 25 10 11 26 27 12 13 28 29 14 15 30 31 (local.get $blue) (local.get $red)))
      (local.set $r
        (i16x8.add
          (i16x8.add (local.get $luma) (local.get $red))
          (i16x8.narrow_i32x4_s
            (i32x4.shr_s
              (i32x4.add (i32x4.dot_i16x8_s (local.get $low) (local.get $ofRed)) (local.get $half))
              (i32.const 16))
            (i32x4.shr_s
              (i32x4.add (i32x4.dot_i16x8_s (local.get $high) (local.get $ofRed)) (local.get $half))
              (i32.const 16)))))
      (local.set $g
        (i16x8.add
          (i16x8.sub (local.get $luma) (local.get $red))
          (i16x8.narrow_i32x4_s
            (i32x4.shr_s
              (i32x4.add (i32x4.dot_i16x8_s (local.get $low) (local.get $ofGreen)) (local.get $half))
              (i32.const 16))
            (i32x4.shr_s
              (i32x4.add (i32x4.dot_i16x8_s (local.get $high) (local.get $ofGreen)) (local.get $half))
              (i32.const 16)))))
      (local.set $b
        (i16x8.add
          (i16x8.add (local.get $luma) (i16x8.shl (local.get $blue) (i32.const 1)))
          (i16x8.narrow_i32x4_s
            (i32x4.shr_s
              (i32x4.add (i32x4.dot_i16x8_s (local.get $low) (local.get $ofBlue)) (local.get $half))
              (i32.const 16))
            (i32x4.shr_s
              (i32x4.add (i32x4.dot_i16x8_s (local.get $high) (local.get $ofBlue)) (local.get $half))
              (i32.const 16)))))
      ;; Interleaved in two steps, each one instruction on x86: eight reds and eight blues with the greens, then both.
      (local.set $r (i8x16.narrow_i16x8_u (local.get $r) (local.get $b)))
      (local.set $g (i8x16.narrow_i16x8_u (local.get $g) (local.get $g)))
      (local.set $b
        (i8x16.shuffle 8 24 9 25 10 26 11 27 12 28 13 29 14 30 15 31 (local.get $r) (local.get $g)))
      (local.set $r
        (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23 (local.get $r) (local.get $g)))
      (v128.store
        (local.get $out)
        (i8x16.shuffle 0 1 16 17 2 3 18 19 4 5 20 21 6 7 22 23 (local.get $r) (local.get $b)))
      (v128.store offset=16
        (local.get $out)
        (i8x16.shuffle 8 9 24 25 10 11 26 27 12 13 28 29 14 15 30 31 (local.get $r) (local.get $b)))
      (local.set $y (i32.add (local.get $y) (i32.const 8)))
      (local.set $cb (i32.add (local.get $cb) (i32.const 8)))
      (local.set $cr (i32.add (local.get $cr) (i32.const 8)))
      (local.set $out (i32.add (local.get $out) (i32.const 32)))
      (br_if $pixels (i32.lt_u (local.get $y) (local.get $end))))))
