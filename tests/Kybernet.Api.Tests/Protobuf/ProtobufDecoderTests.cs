using System.Text;
using System.Text.Json.Nodes;
using Kybernet.Api.Protobuf;

namespace Kybernet.Api.Tests.Protobuf;

public sealed class ProtobufDecoderTests
{
    /// <summary>What kubectl sends for <c>kubectl create deployment web --image=a --replicas=0 --port=80</c>.</summary>
    private const string Deployment =
        "6b3873000a150a07617070732f7631120a4465706c6f796d656e7412af010a1f" +
        "0a0377656212001a0022002a003200380042005a0a0a036170701203776562127e080012" +
        "0c0a0a0a0361707012037765621a640a1c0a0012001a0022002a003200380042005a0a0a" +
        "03617070120377656212441226" +
        "0a01611201612a00320a0a00100018502200" + "2a0042006a007200800100880100900100a201001a00320042004a0052005800600068008201008a01009a0100c20100" +
        "22020a00280038001a0c08001000180020002800" + "38001a002200";

    [Fact]
    public void A_deployment_from_kubectl_becomes_the_json_that_it_means()
    {
        var json = JsonNode.Parse(ProtobufDecoder.ToJson(Convert.FromHexString(Deployment)))!;

        Assert.Equal("apps/v1", (string?)json["apiVersion"]);
        Assert.Equal("Deployment", (string?)json["kind"]);
        Assert.Equal("""{"name":"web","labels":{"app":"web"}}""", json["metadata"]!.ToJsonString());
        Assert.Equal(0, (int)json["spec"]!["replicas"]!);
        Assert.Equal("""{"matchLabels":{"app":"web"}}""", json["spec"]!["selector"]!.ToJsonString());
        var container = json["spec"]!["template"]!["spec"]!["containers"]![0]!;
        Assert.Equal("a", (string?)container["name"]);
        Assert.Equal("""[{"containerPort":80}]""", container["ports"]!.ToJsonString());
        Assert.Null(json["spec"]!["template"]!["spec"]!["hostNetwork"]);
        Assert.Null(container["imagePullPolicy"]);
    }

    [Fact]
    public void Maps_times_quantities_and_bytes_are_written_as_json_writes_them()
    {
        var time = Field(1, Varint(1_700_000_000));
        var quantity = Field(1, "500m"u8.ToArray());
        var json = Decode("v1", "ResourceQuota",
        [
            .. Field(1, Field(8, time)),
            .. Field(2, Field(1, [.. Field(1, "cpu"u8.ToArray()), .. Field(2, quantity)])),
        ]);

        Assert.Equal("2023-11-14T22:13:20Z", (string?)json["metadata"]!["creationTimestamp"]);
        Assert.Equal("500m", (string?)json["spec"]!["hard"]!["cpu"]);
        var secret = Decode("v1", "Secret", Field(2, [.. Field(1, "key"u8.ToArray()), .. Field(2, [1, 2, 3])]));
        Assert.Equal("AQID", (string?)secret["data"]!["key"]);
    }

    [Fact]
    public void What_is_a_message_of_its_own_only_in_protobuf_joins_its_parent()
    {
        // PodSpec.volumes[0] = { name, volumeSource { configMap { localObjectReference { name } } } }
        var configMap = Field(19, Field(1, Field(1, "settings"u8.ToArray())));
        var volume = Field(1, [.. Field(1, "config"u8.ToArray()), .. Field(2, configMap)]);

        var json = Decode("v1", "Pod", Field(2, volume));

        Assert.Equal("""[{"name":"config","configMap":{"name":"settings"}}]""", json["spec"]!["volumes"]!.ToJsonString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("6b387300")]
    [InlineData("7b7d")]
    [InlineData("6b3873000a")]
    [InlineData("6b3873000a0a0a02763112")]
    public void What_is_no_object_is_refused(string hex) =>
        Assert.Throws<FormatException>(() => ProtobufDecoder.ToJson(Convert.FromHexString(hex)));

    private static JsonNode Decode(string apiVersion, string kind, byte[] message)
    {
        byte[] type = [.. Field(1, Encoding.UTF8.GetBytes(apiVersion)), .. Field(2, Encoding.UTF8.GetBytes(kind))];
        return JsonNode.Parse(ProtobufDecoder.ToJson([.. "k8s\0"u8, .. Field(1, type), .. Field(2, message)]))!;
    }

    private static byte[] Field(int number, byte[] content) => [.. Varint((ulong)((number << 3) | 2)), .. Varint((ulong)content.Length), .. content];

    private static byte[] Field(int number, Number value) => [.. Varint((ulong)(number << 3)), .. value.Bytes];

    private static Number Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }
        bytes.Add((byte)value);
        return new Number([.. bytes]);
    }

    /// <summary>An encoded number, which is told from an encoded content by its type.</summary>
    private sealed record Number(byte[] Bytes) : IEnumerable<byte>
    {
        public IEnumerator<byte> GetEnumerator() => ((IEnumerable<byte>)Bytes).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
