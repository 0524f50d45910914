using System.Text;
using Kybernet.Api.Schema;
using Kybernet.ApiServer.CustomResources;
using Kybernet.ApiServer.OpenApi;

namespace Kybernet.ApiServer.Tests.OpenApi;

public sealed class SwaggerProtobufTests
{
    private const int Paths = 8, Definitions = 9;

    [Fact]
    public void A_schema_keeps_its_fields_and_its_extensions()
    {
        var definitions = Only(Document(), Definitions);

        var spec = Named(definitions, 1, "io.k8s.api.core.v1.PodSpec");
        var containers = Named(Only(spec, 25), 1, "containers");
        var item = Only(Only(containers, 23), 1);
        Assert.StartsWith("List of containers", Text(containers, 4), StringComparison.Ordinal);
        Assert.Equal("array", Text(Only(containers, 22), 1));
        Assert.Equal("#/definitions/io.k8s.api.core.v1.Container", Text(item, 1));
        Assert.Equal("[\"name\"]", Text(Named(containers, 31, "x-kubernetes-list-map-keys"), 2));
        Assert.Equal("containers", Text(spec, 19));
    }

    [Fact]
    public void A_patch_says_that_it_validates_fields()
    {
        var path = Named(Only(Document(), Paths), 2, "/apis/apps/v1/namespaces/{namespace}/deployments/{name}");

        var patch = Only(path, 8);

        var parameters = All(patch, 8).Select(item => Only(item, 1)).SelectMany(parameter => All(parameter, 2)).Select(other => Only(other, 3));
        Assert.Contains("fieldValidation", parameters.Select(query => Text(query, 4)));
        Assert.Contains("Deployment", Text(Named(patch, 13, "x-kubernetes-group-version-kind"), 2), StringComparison.Ordinal);
        Assert.Equal("patchAppsV1NamespacedDeployment", Text(patch, 5));
    }

    private static byte[] Document()
    {
        using var output = new MemoryStream();
        new OpenApiDocuments(Catalog.Of(ResourceRegistry.Default)).WriteV2Protobuf(output);
        return output.ToArray();
    }

    private static byte[] Only(byte[] message, int field) => Assert.Single(All(message, field));

    private static string Text(byte[] message, int field) => Encoding.UTF8.GetString(Only(message, field));

    private static byte[] Named(byte[] message, int field, string name) =>
        Only(Assert.Single(All(message, field), entry => Text(entry, 1) == name), 2);

    /// <summary>Every value of a field that has a length; the rest is skipped.</summary>
    private static List<byte[]> All(byte[] message, int field)
    {
        var found = new List<byte[]>();
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            var value = Varint(message, ref at);
            if ((tag & 7) == 0)
            {
                continue;
            }
            Assert.Equal(2, tag & 7);
            if (tag >> 3 == field)
            {
                found.Add(message[at..(at + value)]);
            }
            at += value;
        }
        return found;
    }

    private static int Varint(byte[] message, ref int at)
    {
        var value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var part = message[at++];
            value |= (part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }
    }
}
