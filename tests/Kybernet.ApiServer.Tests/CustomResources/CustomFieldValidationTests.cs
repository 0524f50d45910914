using Kybernet.ApiServer.Tests.Hosting;
using static Kybernet.ApiServer.Tests.CustomResources.Definitions;

namespace Kybernet.ApiServer.Tests.CustomResources;

public sealed class CustomFieldValidationTests
{
    private const string Free = """{"type":"object","x-kubernetes-preserve-unknown-fields":true}""";
    private const string Strict = Widgets + "?fieldValidation=Strict";

    [Fact]
    [Trait("Conformance", "server-side-field-validation-unknown-fields-cr-no-validation-schema")]
    public async Task Without_a_schema_any_field_is_known()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Widget(Free));
        var (code, item) = await server.SendAsync(HttpMethod.Post, Strict, Object("a", """{"foo":{"bar":1}}"""));
        Assert.Equal((201, 1), (code, (int)item!["spec"]!["foo"]!["bar"]!));
    }

    [Fact]
    [Trait("Conformance", "server-side-field-validation-valid-cr-with-validation-schema")]
    [Trait("Conformance", "server-side-field-validation-unknown-fields-cr-fails-validation")]
    public async Task With_a_schema_its_fields_are_accepted_and_others_refused()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Widget(Spec("\"size\":{\"type\":\"integer\"}")));
        var (valid, _) = await server.SendAsync(HttpMethod.Post, Strict, Object("a", """{"size":1}"""));
        var (unknown, status) = await server.SendAsync(HttpMethod.Post, Strict, Object("b", """{"size":1,"extra":"x"}"""));
        Assert.Equal((201, 400), (valid, unknown));
        Assert.Contains("unknown field \"spec.extra\"", (string)status!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Conformance", "server-side-field-validation-cr-duplicates")]
    public async Task A_field_that_is_there_twice_is_refused_even_where_unknown_fields_are_kept()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Widget(Free));
        var (code, status) = await server.SendAsync(HttpMethod.Post, Strict, Object("a", """{"foo":1,"foo":2}"""));
        Assert.Equal(400, code);
        Assert.Contains("duplicate field \"spec.foo\"", (string)status!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Conformance", "server-side-field-validation-unknown-metadata")]
    public async Task Unknown_metadata_is_refused_at_the_top_and_in_embedded_objects()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Widget(
            Spec("\"template\":{\"type\":\"object\",\"x-kubernetes-embedded-resource\":true,\"x-kubernetes-preserve-unknown-fields\":true}")));
        var (code, status) = await server.SendAsync(
            HttpMethod.Post,
            Strict,
            """{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"a","odd":1},"spec":{"template":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","strange":1}}}}""");
        Assert.Equal(400, code);
        Assert.Contains("unknown field \"metadata.odd\"", (string)status!["message"]!, StringComparison.Ordinal);
        Assert.Contains("unknown field \"spec.template.metadata.strange\"", (string)status["message"]!, StringComparison.Ordinal);
    }
}
