using Kybernet.ApiServer.Tests.Hosting;
using static Kybernet.ApiServer.Tests.CustomResources.Definitions;

namespace Kybernet.ApiServer.Tests.CustomResources;

public sealed class CustomValidationTests
{
    [Theory]
    [InlineData("{\"type\":\"integer\"}", "\"big\"", "Invalid value: \"string\": spec.f in body must be of type integer: \"string\"")]
    [InlineData("{\"type\":\"integer\",\"minimum\":1}", "0", "Invalid value: 0: spec.f in body should be greater than or equal to 1")]
    [InlineData("{\"type\":\"number\",\"maximum\":1.5,\"exclusiveMaximum\":true}", "1.5", "Invalid value: 1.5: spec.f in body should be less than 1.5")]
    [InlineData("{\"type\":\"integer\",\"multipleOf\":5}", "7", "Invalid value: 7: spec.f in body should be a multiple of 5")]
    [InlineData("{\"type\":\"string\",\"pattern\":\"^a+$\"}", "\"b\"", "Invalid value: \"b\": spec.f in body should match '^a+$'")]
    [InlineData("{\"type\":\"string\",\"maxLength\":2}", "\"abc\"", "Too long: may not be more than 2 bytes")]
    [InlineData("{\"type\":\"string\",\"minLength\":2}", "\"a\"", "Invalid value: \"a\": spec.f in body should be at least 2 chars long")]
    [InlineData("{\"type\":\"string\",\"format\":\"ipv4\"}", "\"a\"", "Invalid value: \"a\": spec.f in body must be of type ipv4: \"a\"")]
    [InlineData("{\"type\":\"string\",\"enum\":[\"a\",\"b\"]}", "\"c\"", "Unsupported value: \"c\": supported values: \"a\", \"b\"")]
    [InlineData("{\"type\":\"array\",\"maxItems\":1,\"items\":{\"type\":\"integer\"}}", "[1,2]", "Too many: 2: must have at most 1 item")]
    [InlineData("{\"type\":\"array\",\"x-kubernetes-list-type\":\"set\",\"items\":{\"type\":\"string\"}}", "[\"a\",\"a\"]", "spec.f[1]: Duplicate value: \"a\"")]
    [InlineData("{\"type\":\"object\",\"required\":[\"a\"],\"properties\":{\"a\":{\"type\":\"string\"}}}", "{}", "spec.f.a: Required value")]
    [InlineData("{\"x-kubernetes-int-or-string\":true}", "true", "spec.f in body must be of type integer,string: \"boolean\"")]
    [InlineData("{\"type\":\"string\"}", "null", "spec.f in body must be of type string: \"null\"")]
    [InlineData("{\"type\":\"integer\",\"not\":{\"enum\":[3]}}", "3", "\"spec.f\" must not validate the schema (not)")]
    [InlineData("{\"type\":\"integer\",\"oneOf\":[{\"minimum\":5},{\"maximum\":2}]}", "3", "\"spec.f\" must validate one and only one schema (oneOf). Found none valid")]
    [InlineData("{\"type\":\"integer\",\"anyOf\":[{\"minimum\":5},{\"maximum\":2}]}", "3", "\"spec.f\" must validate at least one schema (anyOf)")]
    public async Task A_value_that_does_not_fit_the_schema_is_refused_in_upstreams_words(string schema, string value, string message)
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Widget(Spec($"\"f\":{schema}")));

        var (code, status) = await server.SendAsync(HttpMethod.Post, Widgets, Object("a", $"{{\"f\":{value}}}"));

        Assert.Equal(422, code);
        Assert.Contains(message, (string)status!["message"]!, StringComparison.Ordinal);
        Assert.StartsWith("Widget.example.com \"a\" is invalid: spec.f", (string)status["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stricter_schema_lets_what_an_update_leaves_alone_be()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Widget(Spec("\"size\":{\"type\":\"integer\"},\"name\":{\"type\":\"string\"}")));
        await server.SendAsync(HttpMethod.Post, Widgets, Object("a", """{"size":1}"""));
        await server.SendAsync(
            HttpMethod.Patch,
            $"{Crds}/widgets.example.com",
            """[{"op":"add","path":"/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/size/minimum","value":5}]""",
            "application/json-patch+json");

        var (kept, _) = await server.SendAsync(HttpMethod.Patch, $"{Widgets}/a", """{"spec":{"name":"n"}}""", "application/merge-patch+json");
        var (changed, _) = await server.SendAsync(HttpMethod.Patch, $"{Widgets}/a", """{"spec":{"size":2}}""", "application/merge-patch+json");

        Assert.Equal((200, 422), (kept, changed));
    }
}
