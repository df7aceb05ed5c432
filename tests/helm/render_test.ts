/** The small renderer against what the documentation of Go's text/template, sprig and Helm says. */
import { describe, expect, test } from "bun:test";
import { parseTemplate } from "./parse.ts";
import { run } from "./run.ts";
import { schemaFaults } from "./schema.ts";

const values = {
  name: "metallb",
  port: 7472,
  none: null,
  empty: {},
  list: ["a", "b"],
  map: { b: 2, a: 1 },
  nested: { deep: { key: "value" } },
};

function render(source: string): string {
  const { body, defined } = parseTemplate(source);
  return run(body, { Values: values }, defined);
}

describe("a template prints", () => {
  test.each([
    ["text as it is", "a: 1\n", "a: 1\n"],
    ["a field", "{{ .Values.nested.deep.key }}", "value"],
    ["nothing of what is missing", "[{{ .Values.missing }}{{ .Values.none }}]", "[]"],
    ["a comment as nothing", "a{{/* {{ b }} */}}c", "ac"],
    ["without the space that a dash takes", "a  \n{{- 1 -}}\n  b", "a1b"],
    ["a minus that takes no space as a number", "a {{-1}} b", "a -1 b"],
    ["a pipeline whose value comes last", '{{ .Values.name | printf "%s-%s" "x" }}', "x-metallb"],
    ["braces in a raw string", "{{ `{{ $labels.job }}` }}", "{{ $labels.job }}"],
    ["if and else", "{{ if .Values.empty }}a{{ else }}b{{ end }}", "b"],
    ["else if", "{{ if .Values.none }}a{{ else if .Values.name }}b{{ else }}c{{ end }}", "b"],
    ["with, whose value is the dot", "{{ with .Values.nested }}{{ .deep.key }}{{ end }}", "value"],
    ["with of nothing as its else", "{{ with .Values.none }}a{{ else }}b{{ end }}", "b"],
    ["the root by $ within a with", "{{ with .Values.nested }}{{ $.Values.name }}{{ end }}", "metallb"],
    ["a list", "{{ range .Values.list }}<{{ . }}>{{ end }}", "<a><b>"],
    ["a list with its indices", "{{ range $i, $v := .Values.list }}{{ $i }}{{ $v }}{{ end }}", "0a1b"],
    ["a map by its keys in order", "{{ range $k, $v := .Values.map }}{{ $k }}{{ $v }}{{ end }}", "a1b2"],
    ["a variable that an inner block sets", "{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}", "2"],
    ["a variable that an inner block hides", "{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ end }}{{ $x }}", "1"],
    ["a defined template", '{{ define "t" }}<{{ .a }}>{{ end }}{{ include "t" (dict "a" 1) }}', "<1>"],
    ["a field of what brackets give", '{{ (dict "a" (dict "b" 3)).a.b }}', "3"],
    ["a field behind brackets as the next argument", "{{ default (list) .Values.name }}", "metallb"],
    ["and, which gives the first that is false", "{{ and .Values.name .Values.port }}", "7472"],
    ["or, which looks no further than it must", "{{ or .Values.name .Values.missing.deeper }}", "metallb"],
    ["a quoted string", "{{ .Values.port | quote }}{{ quote .Values.none }}", '"7472"'],
    ["YAML with its keys in order", "x:{{ .Values.map | toYaml | nindent 2 }}", "x:\n  a: 1\n  b: 2"],
    ["maps of which the first counts", "{{ merge (dict) (dict `a` 1) .Values.map | toYaml }}", "a: 1\nb: 2"],
    ["eq with one of several", '{{ eq .Values.name "x" "metallb" }}', "true"],
  ])("%s", (_, source, printed) => expect(render(source)).toBe(printed));

  test.each([
    ["a function that is not known", "{{ uuidv4 }}", 'function "uuidv4" not defined'],
    ["a key of nothing", "{{ .Values.missing.key }}", "nil pointer"],
    ["a variable that is not declared", "{{ $x }}", 'undefined variable "$x"'],
    ["a map", "{{ .Values.map }}", "a map is printed"],
    ["an if without an end", "{{ if true }}", "no end"],
    ["an end without an if", "{{ end }}", "nothing to end"],
    ["an action that is not closed", "{{ .Values", "not closed"],
    ["a template that is not defined", '{{ include "x" . }}', 'no template "x"'],
    ["what the chart refuses", '{{ fail "because" }}', "because"],
  ])("no %s", (_, source, message) => expect(() => render(source)).toThrow(message));
});

describe("a schema", () => {
  const schema = {
    type: "object",
    properties: { a: { type: "integer", minimum: 1 }, b: { enum: ["x"] }, c: { type: ["string", "null"] } },
    required: ["a"],
    additionalProperties: false,
  };
  test.each([
    [{ a: 1, b: "x", c: null }, []],
    [{ a: 0 }, ["a is less than 1"]],
    [{ a: 1.5 }, ["a is no integer"]],
    [{ b: "y" }, ['b is none of ["x"]', "a is missing"]],
    [{ a: 1, d: 1 }, ["d is not known"]],
    [[], [" is no object"]],
  ])("finds in %j what is wrong", (value, faults) => expect(schemaFaults(value, schema)).toEqual(faults));

  test("with a word that is not known is an error", () =>
    expect(() => schemaFaults({}, { oneOf: [] })).toThrow("oneOf"));
});
