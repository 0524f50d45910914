using System.Text.Json.Nodes;
using Kybernet.Api.Apiextensions.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Schema.Structural;
using Kybernet.Api.Validation;

namespace Kybernet.Api.Tests.Schema;

public sealed class RuleCostTests
{
    // What upstream's own estimate lets through, found by trying: the largest list for strings of a length.
    [Theory]
    [InlineData(16, 909_090)]
    [InlineData(63, 333_333)]
    [InlineData(253, 94_339)]
    [InlineData(1024, 24_154)]
    public void A_rule_may_cost_as_much_as_upstream_lets_it(int maxLength, int maxItems)
    {
        Assert.Empty(Check(Strings(maxLength, maxItems)));

        var error = Assert.Single(Check(Strings(maxLength, maxItems + 1)));
        Assert.Equal("schema.properties[l].x-kubernetes-validations[0].rule", error.Field);
        Assert.Matches("^Forbidden: estimated rule cost exceeds budget by factor of 1.0000[0-9]+x ", error.Message);
    }

    [Fact]
    public void A_rule_without_bounds_is_too_much_for_the_whole_schema()
    {
        var errors = Check("""{"type":"array","items":{"type":"string"},"x-kubernetes-validations":[{"rule":"self.all(x, x.contains('gpu'))"}]}""");

        Assert.Equal(
            [
                "schema.properties[l].x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)",
                "schema.properties[l].x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema",
                "schema: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)",
            ],
            errors.Select(static error => error.ToString()));
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"min":{"type":"integer"},"max":{"type":"integer"}},"x-kubernetes-validations":[{"rule":"!has(self.min) || self.min <= self.max","messageExpression":"'%d > %d'.format([self.min, self.max])"}]}""")]
    [InlineData("""{"type":"string","x-kubernetes-validations":[{"rule":"self.startsWith('a') || self.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')"}]}""")]
    [InlineData("""{"type":"array","maxItems":64,"items":{"type":"object","properties":{"name":{"type":"string","maxLength":253}}},"x-kubernetes-validations":[{"rule":"self.all(a, self.exists_one(b, a.name == b.name))"}]}""")]
    [InlineData("""{"type":"array","items":{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"integer"}},"x-kubernetes-validations":[{"rule":"!(has(self.a) && has(self.b))"}]}}""")]
    [InlineData("""{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"mode":{"type":"string","enum":["A","B"]}},"x-kubernetes-validations":[{"rule":"self == oldSelf || self.mode in ['A', 'B']"}]}""")]
    [InlineData("""
        {"type":"array","maxItems":32,"items":{"type":"object","properties":{"group":{"type":"string","maxLength":253},"kind":{"type":"string","maxLength":63},
          "namespace":{"type":"string","maxLength":63},"name":{"type":"string","maxLength":253},"sectionName":{"type":"string","maxLength":253}}},
         "x-kubernetes-validations":[{"message":"must be unique","rule":"self.all(a, self.exists_one(b, a.group == b.group && a.kind == b.kind && a.name == b.name && (((!has(a.__namespace__) || a.__namespace__ == '') && (!has(b.__namespace__) || b.__namespace__ == '')) || (has(a.__namespace__) && has(b.__namespace__) && a.__namespace__ == b.__namespace__ )) && (((!has(a.sectionName) || a.sectionName == '') && (!has(b.sectionName) || b.sectionName == '')) || (has(a.sectionName) && has(b.sectionName) && a.sectionName == b.sectionName))))"}]}
        """)]
    public void An_ordinary_rule_is_not_too_much(string schema) => Assert.Empty(Check(schema));

    [Fact]
    public void Rules_are_only_where_they_hold_for_every_value() => Assert.Equal(
        ["schema.properties[l].anyOf[0].x-kubernetes-validations: Forbidden: must be empty to be structural"],
        Check("""{"type":"string","allOf":[{"x-kubernetes-validations":[{"rule":"self != ''"}]}],"anyOf":[{"x-kubernetes-validations":[{"rule":"self != ''"}]}]}""")
            .Select(static error => error.ToString()));

    private static string Strings(int maxLength, int maxItems) => $$$"""
        {"type":"array","maxItems":{{{maxItems}}},"items":{"type":"string","maxLength":{{{maxLength}}}},"x-kubernetes-validations":[{"rule":"self.all(x, x.contains('gpu'))"}]}
        """;

    private static IReadOnlyList<FieldError> Check(string schema)
    {
        var errors = new FieldErrors();
        StructuralRules.Validate(ModelJson.Parse<JSONSchemaProps>(JsonNode.Parse($$$"""{"type":"object","properties":{"l":{{{schema}}} } }""")!.AsObject()), FieldPath.Of("schema"), errors);
        return errors.Items;
    }
}
