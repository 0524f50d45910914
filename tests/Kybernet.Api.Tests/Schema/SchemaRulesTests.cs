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

    // As definitions that are in wide use have them.
    [Theory]
    [InlineData("self.listeners.all(l1, self.listeners.exists_one(l2, l1.port == l2.port && l1.protocol == l2.protocol && (has(l1.hostname) && has(l2.hostname) ? l1.hostname == l2.hostname : !has(l1.hostname) && !has(l2.hostname))))")]
    [InlineData("self.listeners.all(l, l.protocol in ['HTTP', 'TCP', 'UDP'] ? !has(l.tls) : true)")]
    [InlineData("self.listeners.all(l, (l.protocol == 'HTTPS' && has(l.tls)) ? (l.tls.mode == '' || l.tls.mode == 'Terminate') : true)")]
    [InlineData("(self.pathType in ['Exact','PathPrefix']) ? self.path.matches(r\"\"\"^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$\"\"\") : true")]
    [InlineData("!(has(self.request) && has(self.backendRequest) && duration(self.request) != duration('0s') && duration(self.backendRequest) > duration(self.request))")]
    [InlineData("self.listeners.filter(f, f.protocol == 'TLS').size() <= 1")]
    [InlineData("self.requirements.all(x, x.operator == 'In' ? x.values.size() != 0 : true)")]
    [InlineData("self.requirements.all(x, (x.operator == 'Gt' || x.operator == 'Lt') ? (x.values.size() == 1 && int(x.values[0]) >= 0) : true)")]
    [InlineData("self.requirements.filter(x, has(x.values) ? x.operator == 'In' : false).size() <= 10")]
    [InlineData("self.tags.all(k, k != '' && self.tags[k] != '')")]
    [InlineData("!self.requirements.exists(x, has(x.operator) && (x.operator == 'a' || has(x.values) && x.values.exists(v, v in ['x'])))")]
    [InlineData("self.path.find('^[^@]+') in ['/a', '/b'] || self.path.size() > 0")]
    [InlineData("has(self.request) != has(self.pathType) || self.port == 8080 || self.port == '80%'")]
    [InlineData("type(self.port) == string ? self.port.endsWith('%') : self.port > 0")]
    [InlineData("self.requirements.all(e, !(e.operator in self.tags))")]
    [InlineData("quantity(self.limit).isLessThan(quantity('2Gi')) && (!isURL(self.path) || url(self.path).getScheme() == '')")]
    [InlineData("self.?tags.?team.orValue('none') != '' && self.?nothing.hasValue() == false", "undefined field 'nothing'")]
    [InlineData("self.created > timestamp('2020-01-01T00:00:00Z') && self.created.getFullYear() == 2024")]
    [InlineData("self.tags.map(k, self.tags[k].size()).all(n, n < 100) && self.requirements.map(r, r.operator).isSorted()")]
    [InlineData("cidr('10.0.0.0/8').containsIP(self.address) && ip(self.address).family() == 4")]
    public void A_rule_as_they_are_written_compiles_and_holds(string rule, string problem = "")
    {
        var schema = JsonNode.Parse("""
            {"type":"object","properties":{"spec":{"type":"object","properties":{
              "listeners":{"type":"array","items":{"type":"object","properties":{"port":{"type":"integer"},"protocol":{"type":"string"},"hostname":{"type":"string"},
                "tls":{"type":"object","properties":{"mode":{"type":"string"}}}}}},
              "requirements":{"type":"array","items":{"type":"object","properties":{"operator":{"type":"string"},"values":{"type":"array","items":{"type":"string"}}}}},
              "tags":{"type":"object","additionalProperties":{"type":"string"}},"path":{"type":"string"},"pathType":{"type":"string"},"request":{"type":"string"},
              "backendRequest":{"type":"string"},"port":{"x-kubernetes-int-or-string":true},"limit":{"type":"string"},"created":{"type":"string","format":"date-time"},"address":{"type":"string"}}}}}
            """)!.AsObject();
        schema["properties"]!["spec"]!["x-kubernetes-validations"] = new JsonArray(new JsonObject { ["rule"] = rule });
        var errors = new FieldErrors();

        SchemaRules.Compile(StructuralSchema.Compile(ModelJson.Parse<JSONSchemaProps>(schema)))!.Validate(
            Tree("""
                {"listeners":[{"port":80,"protocol":"HTTP"},{"port":443,"protocol":"HTTPS","hostname":"a","tls":{"mode":"Terminate"}}],"requirements":[{"operator":"Gt","values":["3"]},
                 {"operator":"In","values":["a"]}],"tags":{"team":"blue"},"path":"/a","pathType":"Exact","request":"10s","backendRequest":"1s","port":8080,"limit":"1Gi",
                 "created":"2024-05-06T07:08:09Z","address":"10.1.2.3"}
                """),
            previous: null, errors);

        Assert.Equal(problem.Length == 0, errors.IsEmpty);
        Assert.Contains(problem, string.Join('\n', errors.Items), StringComparison.Ordinal);
    }

    private static JsonObject Tree(string spec) => new() { ["apiVersion"] = "example.com/v1", ["kind"] = "Widget", ["metadata"] = new JsonObject { ["name"] = "a" }, ["spec"] = JsonNode.Parse(spec) };
}
