using System.Text.Json.Nodes;
using Kybernet.Api.Json;
using Kybernet.Api.Yaml;

namespace Kybernet.Api.Tests.Yaml;

public sealed class YamlTests
{
    [Theory]
    [InlineData("a: 1", """{"a":1}""")]
    [InlineData("a: \"1\"\nb: 'true'", """{"a":"1","b":"true"}""")]
    [InlineData("[yes, Off, on, null, ~, 'no']", """[true,false,true,null,null,"no"]""")]
    [InlineData("[0755, 0o17, 0x1F, 0b11, 1_000, -5, +3]", "[493,15,31,3,1000,-5,3]")]
    [InlineData("[1.5, 1e3, .5, 1., 08]", "[1.5,1000,0.5,1,8]")]
    [InlineData("[1.2.3, 12:30, 2024-01-01, 500m, -a, 0x]", """["1.2.3","12:30","2024-01-01","500m","-a","0x"]""")]
    [InlineData("1: a\ntrue: b", """{"1":"a","true":"b"}""")]
    [InlineData("a: |\n  x\n  y\nb: >-\n  x\n  y", """{"a":"x\ny\n","b":"x y"}""")]
    [InlineData("a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n  e: 2", """{"a":{"b":1},"c":{"b":1},"d":{"b":1,"e":2}}""")]
    [InlineData("a: !!str 1\nb: !!binary aGk=", """{"a":"1","b":"hi"}""")]
    [InlineData("a:", """{"a":null}""")]
    [InlineData("{\"a\": [1, {\"b\": null}]}", """{"a":[1,{"b":null}]}""")]
    public void A_document_means_what_it_means_to_Kubernetes(string yaml, string json)
    {
        var node = YamlReader.Read(yaml);
        Assert.True(JsonValues.Same(JsonNode.Parse(json), node), $"expected {json}, found {node?.ToJsonString()}");
    }

    [Fact]
    public void Several_documents_are_read_one_by_one_without_the_empty_ones()
    {
        Assert.Equal(["""{"a":1}""", """{"b":2}"""], YamlReader.ReadAll("---\na: 1\n---\n# nothing\n---\nb: 2\n").Select(node => node.ToJsonString()));
        Assert.Throws<YamlFormatException>(() => YamlReader.Read("a: 1\n---\nb: 2"));
        Assert.Null(YamlReader.Read("# nothing"));
    }

    [Theory]
    [InlineData("a: 1\na: 2", "key \"a\" already set in map")]
    [InlineData("a: [", "line")]
    [InlineData("a: *x", "unknown anchor 'x' referenced")]
    [InlineData("? [a]\n: 1", "a mapping's key must be a scalar")]
    public void A_malformed_document_is_refused(string yaml, string message) =>
        Assert.Contains(message, Assert.Throws<YamlFormatException>(() => YamlReader.Read(yaml)).Message, StringComparison.Ordinal);

    [Fact]
    public void Aliases_of_aliases_cannot_fill_the_memory()
    {
        var text = "a: &a [x,x,x,x,x,x,x,x,x,x]\n";
        for (var name = 'b'; name < 'k'; name++)
        {
            text += $"{name}: &{name} [{string.Join(",", Enumerable.Repeat("*" + (char)(name - 1), 10))}]\n";
        }
        Assert.Contains("excessive aliasing", Assert.Throws<YamlFormatException>(() => YamlReader.Read(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nesting_without_end_is_refused() =>
        Assert.Throws<YamlFormatException>(() => YamlReader.Read(string.Concat(Enumerable.Repeat("- ", 5_000)) + "x"));

    [Fact]
    public void A_tree_is_written_with_its_keys_in_order_and_strings_that_look_otherwise_in_quotes()
    {
        var node = JsonNode.Parse("""
            {"spec":{"b10":"x","b9":"true","list":[{"name":"a","v":1},"12",[1,2]],"empty":{},"none":[],"nil":null,"text":"x\ny\n","s":"- a","c":"a: b"},"apiVersion":"v1","on":"1.5"}
            """);
        Assert.Equal(
            """
            apiVersion: v1
            "on": "1.5"
            spec:
              b9: "true"
              b10: x
              c: 'a: b'
              empty: {}
              list:
              - name: a
                v: 1
              - "12"
              - - 1
                - 2
              nil: null
              none: []
              s: '- a'
              text: |
                x
                y

            """.ReplaceLineEndings("\n"),
            YamlWriter.Write(node));
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("\"null\"")]
    [InlineData("\"~\"")]
    [InlineData("\"a\\tb\"")]
    [InlineData("\"a\\nb\"")]
    [InlineData("\"a\\nb\\n\\n\"")]
    [InlineData("\"\\n\"")]
    [InlineData("\"  a\\nb\"")]
    [InlineData("\"it's\"")]
    [InlineData("\"'\"")]
    [InlineData("\"a #b\"")]
    [InlineData("\"#b\"")]
    [InlineData("\"a:\"")]
    [InlineData("\"12:30:45\"")]
    [InlineData("\"2024-05-01T00:00:00Z\"")]
    [InlineData("\"\\u0001\\u0085\\u2028\"")]
    [InlineData("\"😀\"")]
    [InlineData("\"{a}\"")]
    [InlineData("\"---\"")]
    [InlineData("\"yes\"")]
    [InlineData("\"<<\"")]
    [InlineData("1.5e300")]
    [InlineData("[[],[{}],{\"a\":[[1]]}]")]
    public void What_is_written_reads_back_the_same(string json)
    {
        foreach (var node in new[] { JsonNode.Parse(json), JsonNode.Parse($$"""{"k":{{json}},"l":[{{json}}]}""") })
        {
            var yaml = YamlWriter.Write(node);
            Assert.True(JsonValues.Same(node, YamlReader.Read(yaml)), yaml);
        }
    }
}
