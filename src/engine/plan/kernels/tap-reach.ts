/** WGSL for kernels that walk through the output positions whose window has a tap inside the image. */

/** The first and one past the last of them along one axis, and how many there are. */
export const reach = (axis: string, tap: string) => `
  let first_${axis} = (max(u.padding, ${tap}) - ${tap} + u.stride - 1u) / u.stride;
  let last_${axis} = select(0u, min(u.out_side, (u.side - 1u + u.padding - ${tap}) / u.stride + 1u), u.side + u.padding > ${tap});
  let reach_${axis} = max(last_${axis}, first_${axis}) - first_${axis};`

/** From the last reached pixel of a line to the first of the next, and from the last line of a photo to the next photo's. */
export const LINE_STEPS = `
  let x_line = (u.side - reach_x) * u.stride * u.ci4;
  let d_line = (u.out_side - reach_x) * u.co4;
  let x_image = (u.side - reach_y * u.stride) * u.side * u.ci4;
  let d_image = (u.out_side - reach_y) * u.out_side * u.co4;`
