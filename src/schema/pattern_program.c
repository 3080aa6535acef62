#include "schema/pattern_program.h"

#include <string.h>

#include "base/memory.h"

bool pb_pattern_refuse(pb_pattern_builder *builder, size_t offset, const char *message) {
  *builder->error = (pb_pattern_error){.offset = offset, .message = message};
  return false;
}

bool pb_pattern_reserve_steps(pb_pattern_builder *builder, size_t more) {
  if (more > PB_PATTERN_MAX_STEPS - builder->step_count)
    return pb_pattern_refuse(builder, builder->at < builder->length ? builder->at : builder->length,
                             "the pattern is too large once its repetitions are written out");
  size_t need = builder->step_count + more;
  if (need <= builder->step_capacity) return true;
  size_t capacity = builder->step_capacity ? builder->step_capacity : 16;
  while (capacity < need) capacity *= 2;
  pb_pattern_step *steps = pb_realloc(builder->steps, capacity * sizeof *steps);
  if (!steps) {
    *builder->error = (pb_pattern_error){.no_memory = true};
    return false;
  }
  builder->steps = steps;
  builder->step_capacity = capacity;
  return true;
}

bool pb_pattern_add_step(pb_pattern_builder *builder, pb_pattern_step step) {
  if (!pb_pattern_reserve_steps(builder, 1)) return false;
  builder->steps[builder->step_count++] = step;
  return true;
}

/* Sets the pattern's pointers to its scratch memory, which lies behind it. */
static void place_scratch(pb_pattern *pattern) {
  pattern->sets = (pb_pattern_set *)(pattern + 1);
  uint16_t *scratch = (uint16_t *)(pattern->sets + 2);
  for (int i = 0; i < 2; i++) {
    pattern->sets[i].members = scratch + (size_t)(2 * i) * pattern->step_count;
    pattern->sets[i].places = scratch + (size_t)(2 * i + 1) * pattern->step_count;
  }
}

pb_pattern *pb_pattern_finish(pb_pattern_builder *builder) {
  size_t numbers = builder->step_count * sizeof(uint16_t);
  size_t size = sizeof(pb_pattern) + 2 * sizeof(pb_pattern_set) + 4 * numbers;
  pb_pattern *pattern = pb_realloc(NULL, size);
  if (!pattern) {
    *builder->error = (pb_pattern_error){.no_memory = true};
    return NULL;
  }
  memset(pattern, 0, size);
  pattern->steps = builder->steps;
  pattern->ranges = builder->ranges;
  pattern->step_count = builder->step_count;
  pattern->range_count = builder->range_count;
  place_scratch(pattern);
  return pattern;
}

void pb_pattern_discard(pb_pattern_builder *builder) {
  pb_free(builder->steps);
  pb_free(builder->ranges);
}

static size_t size_with_scratch(const pb_pattern *pattern) {
  return sizeof(pb_pattern) + 2 * sizeof(pb_pattern_set) +
         4 * pattern->step_count * sizeof(uint16_t);
}

/* The offset of the steps in a copy, which consists of the pattern, its scratch memory, the steps and the
 * ranges. All parts but the first need no more than the alignment of an int. */
static size_t place_of_steps(const pb_pattern *pattern) {
  size_t alignment = _Alignof(pb_pattern_step);
  return (size_with_scratch(pattern) + alignment - 1) / alignment * alignment;
}

size_t pb_pattern_size(const pb_pattern *pattern) {
  return place_of_steps(pattern) + pattern->step_count * sizeof *pattern->steps +
         pattern->range_count * sizeof *pattern->ranges;
}

pb_pattern *pb_pattern_copy(const pb_pattern *pattern, void *memory) {
  pb_pattern *copy = memory;
  memset(copy, 0, size_with_scratch(pattern));
  *copy = *pattern;
  place_scratch(copy);
  copy->steps = (pb_pattern_step *)(void *)((char *)memory + place_of_steps(pattern));
  memcpy(copy->steps, pattern->steps, pattern->step_count * sizeof *pattern->steps);
  copy->ranges = (pb_pattern_range *)(void *)(copy->steps + pattern->step_count);
  if (pattern->range_count > 0)
    memcpy(copy->ranges, pattern->ranges, pattern->range_count * sizeof *pattern->ranges);
  return copy;
}

void pb_pattern_free(pb_pattern *pattern) {
  if (!pattern) return;
  pb_free(pattern->steps);
  pb_free(pattern->ranges);
  pb_free(pattern);
}
