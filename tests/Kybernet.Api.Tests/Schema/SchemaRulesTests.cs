using System.Text.Json.Nodes;
using Kybernet.Api.Apiextensions.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Schema.Structural;
using Kybernet.Api.Schema.Structural.Validations;
using Kybernet.Api.Validation;

namespace Kybernet.Api.Tests.Schema;

public sealed class SchemaRulesTests
{
    private static readonly SchemaRules Rules = SchemaRules.Compile(StructuralSchema.Compile(ModelJson.Parse<JSONSchemaProps>(JsonNode.Parse("""
        {"type":"object","properties":{"spec":{"type":"object","properties":{
          "size":{"type":"integer","x-kubernetes-validations":[{"rule":"self > 5"}]},
          "tags":{"type":"object","additionalProperties":{"type":"string","x-kubernetes-validations":[{"rule":"self != 'bad'","message":"is bad"}]}},
          "allOf":{"type":"string","allOf":[{"x-kubernetes-validations":[{"rule":"self == 'x'"}]}]}}}}}
        """)!.AsObject())))!;

    [Fact]
    public void What_broke_a_rule_before_is_only_warned_of()
    {
        var errors = new FieldErrors();

        Rules.Validate(Tree("""{"size":1,"name":"new"}"""), Tree("""{"size":1,"name":"old"}"""), errors);

        Assert.Empty(errors.Items);
        Assert.Equal(["spec.size: Invalid value: \"integer\": failed rule: self > 5"], errors.Warnings);
    }

    [Theory]
    [InlineData("""{"tags":{"a":"good","b":"bad"}}""", "spec.tags[b]: Invalid value: \"string\": is bad")]
    [InlineData("""{"allOf":"y"}""", "spec.allOf: Invalid value: \"string\": failed rule: self == 'x'")]
    [InlineData("""{"size":2}""", "spec.size: Invalid value: \"integer\": failed rule: self > 5")]
    public void A_part_that_breaks_a_rule_is_named(string spec, string message)
    {
        var errors = new FieldErrors();

        Rules.Validate(Tree(spec), Tree("""{"size":1}"""), errors);

        Assert.Equal([message], errors.Items.Select(static error => error.ToString()));
    }

    private static JsonObject Tree(string spec) => new() { ["apiVersion"] = "example.com/v1", ["kind"] = "Widget", ["metadata"] = new JsonObject { ["name"] = "a" }, ["spec"] = JsonNode.Parse(spec) };
}
