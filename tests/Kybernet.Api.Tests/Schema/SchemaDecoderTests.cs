using System.Text;
using Kybernet.Api.Schema;

namespace Kybernet.Api.Tests.Schema;

public sealed class SchemaDecoderTests
{
    private static readonly TypeSchema Deployment = ResourceSchema.BuiltIn.Find(new GroupVersionKind("apps", "v1", "Deployment"))!;
    private static readonly TypeSchema Pod = ResourceSchema.BuiltIn.Find(new GroupVersionKind("", "v1", "Pod"))!;

    [Fact]
    public void Unknown_and_duplicate_fields_are_left_out_and_told_of()
    {
        var result = Decode(
            """{"spec":{"replicas":1,"replicas":2,"foo":{"a":[1]},"template":{"spec":{"containers":[{"name":"a","imge":"x"}]}}},"Spec":{}}""",
            Deployment);
        Assert.Equal("""{"spec":{"replicas":2,"template":{"spec":{"containers":[{"name":"a"}]}}}}""", result.Object.ToJsonString());
        Assert.Equal(
            ["duplicate field \"spec.replicas\"", "unknown field \"spec.foo\"", "unknown field \"spec.template.spec.containers[0].imge\"", "unknown field \"Spec\""],
            result.StrictErrors);
    }

    [Fact]
    public void A_label_written_twice_is_a_duplicate_field()
    {
        var result = Decode("""{"metadata":{"labels":{"a":"1","a":"2"}}}""", Pod);
        Assert.Equal(["duplicate field \"metadata.labels.a\""], result.StrictErrors);
        Assert.Equal("2", result.Object["metadata"]!["labels"]!["a"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("""{"spec":{"replicas":"three"}}""", "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32")]
    [InlineData("""{"spec":{"replicas":1.5}}""", "json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32")]
    [InlineData("""{"spec":{"replicas":3000000000}}""", "json: cannot unmarshal number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32")]
    [InlineData("""{"spec":[]}""", "json: cannot unmarshal array into Go struct field Deployment.spec of type v1.DeploymentSpec")]
    [InlineData("""{"spec":{"paused":1}}""", "json: cannot unmarshal number into Go struct field DeploymentSpec.spec.paused of type bool")]
    [InlineData("""{"spec":{"template":{"spec":{"containers":[{"image":true}]}}}}""", "json: cannot unmarshal bool into Go struct field Container.spec.template.spec.containers.image of type string")]
    [InlineData("""{"spec":{"template":{"spec":{"containers":{}}}}}""", "json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container")]
    [InlineData("""{"metadata":{"labels":{"a":1}}}""", "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels.a of type string")]
    [InlineData("""{"spec":{"strategy":{"rollingUpdate":{"maxSurge":true}}}}""", "json: cannot unmarshal bool into Go value of type int32")]
    public void A_value_of_the_wrong_type_is_refused_as_upstream_says_it(string json, string message) =>
        Assert.Equal(message, Assert.Throws<SchemaDecodeException>(() => Decode(json, Deployment)).Message);

    [Fact]
    public void Quantities_take_their_canonical_form_and_bad_ones_are_refused()
    {
        var result = Decode("""{"spec":{"containers":[{"resources":{"limits":{"cpu":0.5,"memory":" 1024Ki"}}}]}}""", Pod);
        Assert.Equal("""{"cpu":"500m","memory":"1Mi"}""", result.Object["spec"]!["containers"]![0]!["resources"]!["limits"]!.ToJsonString());
        var refused = Assert.Throws<SchemaDecodeException>(() => Decode("""{"spec":{"containers":[{"resources":{"limits":{"cpu":"x"}}}]}}""", Pod));
        Assert.Equal(QuantityText.FormatWrong, refused.Message);
    }

    [Fact]
    public void Times_are_kept_in_UTC_and_bad_ones_are_refused()
    {
        var result = Decode("""{"metadata":{"creationTimestamp":"2024-05-01T12:00:00+02:00"}}""", Pod);
        Assert.Equal("2024-05-01T10:00:00Z", result.Object["metadata"]!["creationTimestamp"]!.GetValue<string>());
        Assert.Contains("parsing time \"now\"", Assert.Throws<SchemaDecodeException>(() => Decode("""{"metadata":{"creationTimestamp":"now"}}""", Pod)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_base64_are_refused()
    {
        var secret = ResourceSchema.BuiltIn.Find(new GroupVersionKind("", "v1", "Secret"))!;
        Assert.Equal("""{"data":{"a":"YWI="}}""", Decode("""{"data":{"a":"YWI="}}""", secret).Object.ToJsonString());
        Assert.Equal("illegal base64 data at input byte 1", Assert.Throws<SchemaDecodeException>(() => Decode("""{"data":{"a":"a!b="}}""", secret)).Message);
    }

    [Fact]
    public void Nulls_count_as_absent_and_in_a_map_as_empty()
    {
        var result = Decode("""{"spec":null,"metadata":{"name":null,"annotations":{"a":null}}}""", Pod);
        Assert.Equal("""{"metadata":{"annotations":{"a":""}}}""", result.Object.ToJsonString());
        Assert.Empty(result.StrictErrors);
    }

    [Fact]
    public void Nesting_without_end_is_refused_and_does_not_overflow_the_stack()
    {
        var crd = ResourceSchema.BuiltIn.Find(new GroupVersionKind("apiextensions.k8s.io", "v1", "CustomResourceDefinition"))!;
        var deep = """{"spec":{"versions":[{"schema":{"openAPIV3Schema":""" + string.Concat(Enumerable.Repeat("{\"not\":", 10_000));
        Assert.Equal("json: exceeded max depth", Assert.Throws<SchemaDecodeException>(() => Decode(deep, crd)).Message);
        var lists = string.Concat(Enumerable.Repeat("[", 10_000));
        Assert.Equal("json: exceeded max depth", Assert.Throws<SchemaDecodeException>(() => Decode("{\"x\":" + lists, Pod)).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"spec\":")]
    [InlineData("{} {}")]
    public void Malformed_JSON_is_refused(string json) => Assert.Throws<SchemaDecodeException>(() => Decode(json, Pod));

    [Fact]
    public void Property_names_are_found_in_whatever_way_they_are_escaped() =>
        Assert.Equal("""{"spec":{"nodeName":"a"}}""", Decode("""{"sp\u0065c":{"nodeN\u0061me":"a"}}""", Pod).Object.ToJsonString());

    [Fact]
    public void A_lenient_decoding_keeps_what_validation_will_judge()
    {
        var type = new TypeSchema("test.v1.Thing",
        [
            new FieldSchema("size", ValueSchema.Of(ValueKind.Int32)), new FieldSchema("any", ValueSchema.Any),
            new FieldSchema("open", ValueSchema.ObjectOf(() => new TypeSchema("test.v1.Open", []) { PreservesUnknownFields = true, KeepsInvalidValues = true })),
        ]) { KeepsInvalidValues = true };
        var result = SchemaDecoder.Decode("""{"size":"big","any":{"a":1},"open":{"x":null},"gone":1}"""u8, type);
        Assert.Equal("""{"size":"big","any":{"a":1},"open":{"x":null}}""", result.Object.ToJsonString());
        Assert.Equal(["unknown field \"gone\""], result.StrictErrors);
    }

    [Fact]
    public void Every_built_in_type_and_default_of_the_tables_can_be_read()
    {
        foreach (var name in ResourceSchema.BuiltIn.TypeNames)
        {
            foreach (var field in ResourceSchema.BuiltIn.Find(name)?.Fields ?? [])
            {
                Assert.NotNull(field.Type.ToString());
                Assert.Same(field, ResourceSchema.BuiltIn.Find(name)!.Find(Encoding.UTF8.GetBytes(field.Name)));
            }
        }
        foreach (var (type, field) in FieldDefaults.Load().Keys)
        {
            Assert.True(ResourceSchema.BuiltIn.Find(type)?.Find(field) is not null, $"{type}.{field}");
        }
    }

    [Fact]
    public void Short_type_names_stand_for_upstreams_long_ones()
    {
        foreach (var (shortName, longName) in new[]
        {
            ("core.v1.Pod", "io.k8s.api.core.v1.Pod"),
            ("meta.v1.Time", "io.k8s.apimachinery.pkg.apis.meta.v1.Time"),
            ("apiregistration.v1.APIService", "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService"),
        })
        {
            Assert.Equal(longName, OpenApiNames.Lengthen(shortName));
            Assert.Equal(shortName, OpenApiNames.Shorten(longName));
        }
    }

    private static DecodeResult Decode(string json, TypeSchema type) => SchemaDecoder.Decode(Encoding.UTF8.GetBytes(json), type);
}
