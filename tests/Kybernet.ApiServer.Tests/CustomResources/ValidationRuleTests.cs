using System.Text.Json.Nodes;
using Kybernet.ApiServer.Tests.Hosting;
using static Kybernet.ApiServer.Tests.CustomResources.Definitions;

namespace Kybernet.ApiServer.Tests.CustomResources;

public sealed class ValidationRuleTests
{
    private const string Extension = "x-kubernetes-validations";

    [Theory]
    [InlineData("""{"rule":"self.min <= self.max"}""", "spec: Invalid value: \"object\": failed rule: self.min <= self.max")]
    [InlineData("""{"rule":"self.min <= self.max","message":"min is too big"}""", "spec: Invalid value: \"object\": min is too big")]
    [InlineData("""{"rule":"self.min <= self.max","messageExpression":"'%d is more than %d'.format([self.min, self.max])"}""", "spec: Invalid value: \"object\": 5 is more than 3")]
    [InlineData("""{"rule":"self.min <= self.max","fieldPath":".min","reason":"FieldValueForbidden"}""", "spec.min: Forbidden: failed rule: self.min <= self.max")]
    [InlineData("""{"rule":"self.min / (self.max - 3) > 0"}""", "spec: Invalid value: \"object\": division by zero evaluating rule: self.min / (self.max - 3) > 0")]
    [InlineData("""{"rule":"self.port < 80"}""", "spec: Invalid value: \"object\": 'no such overload': call arguments did not match a supported operator, function or macro signature for rule: self.port < 80")]
    [InlineData("""{"rule":"self.labels.all(k, self.labels[k].size() < 2)"}""", "spec: Invalid value: \"object\": failed rule: self.labels.all(k, self.labels[k].size() < 2)")]
    [InlineData("""{"rule":"self.since.getFullYear() == 2023"}""", "failed rule: self.since.getFullYear() == 2023")]
    [InlineData("""{"rule":"self.__namespace__ == '' && self.x__dash__y == 1"}""", "failed rule: self.__namespace__ == '' && self.x__dash__y == 1")]
    [InlineData("""{"rule":"self.names == ['b', 'a'] && self.ratio > 1.0"}""", "failed rule: self.names == ['b', 'a'] && self.ratio > 1.0")]
    public async Task An_object_that_breaks_a_rule_is_refused_in_upstreams_words(string rule, string message)
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Ruled(rule));

        var (code, status) = await server.SendAsync(HttpMethod.Post, Widgets, Object("a", """
            {"min":5,"max":3,"port":"http","labels":{"a":"bcd"},"since":"2024-01-01T00:00:00Z","namespace":"n","x-y":1,"names":["a","b"],"ratio":1}
            """));

        Assert.Equal(422, code);
        Assert.Contains(message, (string)status!["message"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"rule":"self.nothing == 1"}""", "x-kubernetes-validations[0].rule: Invalid value: apiextensions.ValidationRule{Rule:\"self.nothing == 1\", Message:\"\", MessageExpression:\"\", Reason:(*apiextensions.FieldValueErrorReason)(nil), FieldPath:\"\", OptionalOldSelf:(*bool)(nil)}: compilation failed: ERROR: <input>:1:5: undefined field 'nothing'\n | self.nothing == 1\n | ....^")]
    [InlineData("""{"rule":"self.min"}""", "cel expression must evaluate to a bool")]
    [InlineData("""{"rule":" "}""", "x-kubernetes-validations[0].rule: Required value: rule is not specified")]
    [InlineData("""{"rule":"true\n","message":"a\nb"}""", "x-kubernetes-validations[0].message: Invalid value: \"a\\nb\": message must not contain line breaks")]
    [InlineData("""{"rule":"true","messageExpression":"1"}""", "messageExpression must evaluate to a string")]
    [InlineData("""{"rule":"true","reason":"Other"}""", "x-kubernetes-validations[0].reason: Unsupported value: \"Other\": supported values: \"FieldValueDuplicate\", \"FieldValueForbidden\", \"FieldValueInvalid\", \"FieldValueRequired\"")]
    [InlineData("""{"rule":"true","fieldPath":".other"}""", "x-kubernetes-validations[0].fieldPath: Invalid value: \".other\": fieldPath must be a valid path")]
    [InlineData("""{"rule":"true","optionalOldSelf":true}""", "x-kubernetes-validations[0].optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule")]
    public async Task A_definition_with_a_wrong_rule_is_refused(string rule, string message)
    {
        await using var server = await TestServer.StartAsync();

        var (code, status) = await server.SendAsync(HttpMethod.Post, Crds, Ruled(rule).ToJsonString());

        Assert.Equal(422, code);
        Assert.Contains("spec.versions[0].schema.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].", (string)status!["message"]!, StringComparison.Ordinal);
        Assert.Contains(message, (string)status["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_transition_rule_looks_at_changes_only()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Ruled("""{"rule":"self.min >= oldSelf.min","message":"must not shrink"}"""));
        var (created, _) = await server.SendAsync(HttpMethod.Post, Widgets, Object("a", """{"min":5}"""));

        var (grown, _) = await server.SendAsync(HttpMethod.Patch, $"{Widgets}/a", """{"spec":{"min":6}}""", "application/merge-patch+json");
        var (shrunk, status) = await server.SendAsync(HttpMethod.Patch, $"{Widgets}/a", """{"spec":{"min":1}}""", "application/merge-patch+json");

        Assert.Equal((201, 200, 422), (created, grown, shrunk));
        Assert.Contains("spec: Invalid value: \"object\": must not shrink", (string)status!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_may_take_the_value_before_as_one_that_may_be_absent()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Ruled("""{"rule":"oldSelf.hasValue() || self.min == 0","optionalOldSelf":true}"""));

        var (refused, _) = await server.SendAsync(HttpMethod.Post, Widgets, Object("a", """{"min":5}"""));
        var (created, _) = await server.SendAsync(HttpMethod.Post, Widgets, Object("a", """{"min":0}"""));
        var (changed, _) = await server.SendAsync(HttpMethod.Patch, $"{Widgets}/a", """{"spec":{"min":5}}""", "application/merge-patch+json");

        Assert.Equal((422, 201, 200), (refused, created, changed));
    }

    [Fact]
    public async Task Items_with_keys_are_compared_with_what_they_were()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Widget(Spec("""
            "parts":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],"items":{"type":"object","required":["name"],
              "properties":{"name":{"type":"string"},"size":{"type":"integer","x-kubernetes-validations":[{"rule":"self == oldSelf","message":"is fixed"}]}}}}
            """)));
        await server.SendAsync(HttpMethod.Post, Widgets, Object("a", """{"parts":[{"name":"x","size":1},{"name":"y","size":2}]}"""));

        var (moved, _) = await server.SendAsync(HttpMethod.Patch, $"{Widgets}/a", """{"spec":{"parts":[{"name":"z","size":9},{"name":"x","size":1}]}}""", "application/merge-patch+json");
        var (changed, status) = await server.SendAsync(HttpMethod.Patch, $"{Widgets}/a", """{"spec":{"parts":[{"name":"x","size":7}]}}""", "application/merge-patch+json");

        Assert.Equal((200, 422), (moved, changed));
        Assert.Contains("spec.parts[0].size: Invalid value: \"integer\": is fixed", (string)status!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_about_changes_is_refused_where_nothing_tells_items_apart()
    {
        await using var server = await TestServer.StartAsync();

        var (code, status) = await server.SendAsync(
            HttpMethod.Post, Crds, Widget(Spec("\"l\":{\"type\":\"array\",\"items\":{\"type\":\"integer\",\"x-kubernetes-validations\":[{\"rule\":\"self == oldSelf\"}]}}")).ToJsonString());

        Assert.Equal(422, code);
        Assert.Contains("oldSelf cannot be used on the uncorrelatable portion of the schema within spec.versions[0].schema.openAPIV3Schema.properties[spec].properties[l]", (string)status!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_part_that_an_update_leaves_alone_may_break_a_new_rule()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Widget(Spec("\"size\":{\"type\":\"integer\"},\"name\":{\"type\":\"string\"}")));
        await server.SendAsync(HttpMethod.Post, Widgets, Object("a", """{"size":1}"""));
        await server.SendAsync(
            HttpMethod.Patch,
            $"{Crds}/widgets.example.com",
            """[{"op":"add","path":"/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/size/x-kubernetes-validations","value":[{"rule":"self > 5"}]}]""",
            "application/json-patch+json");

        var (kept, _) = await server.SendAsync(HttpMethod.Patch, $"{Widgets}/a", """{"spec":{"name":"n"}}""", "application/merge-patch+json");
        var (changed, _) = await server.SendAsync(HttpMethod.Patch, $"{Widgets}/a", """{"spec":{"size":2}}""", "application/merge-patch+json");

        Assert.Equal((200, 422), (kept, changed));
    }

    [Fact]
    public async Task A_rule_of_the_whole_object_sees_its_name()
    {
        await using var server = await TestServer.StartAsync();
        var definition = Widget(Spec("\"f\":{\"type\":\"integer\"}"));
        definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]![Extension] = JsonNode.Parse("""[{"rule":"self.metadata.name.startsWith('w') && self.kind == 'Widget'"}]""");
        await server.EstablishAsync(definition);

        var (refused, _) = await server.SendAsync(HttpMethod.Post, Widgets, Object("a", "{}"));
        var (created, _) = await server.SendAsync(HttpMethod.Post, Widgets, Object("wa", "{}"));

        Assert.Equal((422, 201), (refused, created));
    }

    [Fact]
    public async Task A_rule_that_costs_too_much_is_broken_off()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Widget(Spec("""
            "l":{"type":"array","maxItems":100,"items":{"type":"integer"},"x-kubernetes-validations":[{"rule":"self.all(a, self.all(b, self.all(c, a + b + c >= 0)))"}]}
            """)));

        var (code, status) = await server.SendAsync(HttpMethod.Post, Widgets, Object("a", $"{{\"l\":[{string.Join(',', Enumerable.Range(0, 100))}]}}"));

        Assert.Equal(422, code);
        Assert.Contains("'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule:", (string)status!["message"]!, StringComparison.Ordinal);
    }

    private static JsonObject Ruled(string rule)
    {
        var definition = Widget(Spec("""
            "min":{"type":"integer"},"max":{"type":"integer"},"port":{"x-kubernetes-int-or-string":true},"since":{"type":"string","format":"date-time"},
            "labels":{"type":"object","maxProperties":10,"additionalProperties":{"type":"string","maxLength":10}},"namespace":{"type":"string","maxLength":10},"x-y":{"type":"integer"},
            "names":{"type":"array","maxItems":5,"x-kubernetes-list-type":"set","items":{"type":"string","maxLength":5}},"ratio":{"type":"number"}
            """));
        definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]![Extension] = new JsonArray(JsonNode.Parse(rule));
        return definition;
    }
}
