using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;
using Kybernet.Api.Json;

namespace Kybernet.ApiServer.Admission.Services;

/// <summary>Which ports of a range are taken; stored as upstream's RangeAllocation, a big-endian number with a bit a port.</summary>
/// <param name="First">The range's first port.</param>
/// <param name="Last">Its last one.</param>
/// <param name="Bits">The taken ones, counted from the first.</param>
internal sealed record PortRange(int First, int Last, BigInteger Bits)
{
    /// <summary>How many ports there are.</summary>
    public int Size => Last - First + 1;

    /// <summary>Whether the range has such a port.</summary>
    public bool Contains(int port) => port >= First && port <= Last;

    /// <summary>Whether somebody has a port.</summary>
    public bool IsTaken(int port) => !((Bits >> (port - First)) & BigInteger.One).IsZero;

    /// <summary>The range with a port taken.</summary>
    public PortRange With(int port) => this with { Bits = Bits | (BigInteger.One << (port - First)) };

    /// <summary>The range with a port free.</summary>
    public PortRange Without(int port) => IsTaken(port) ? this with { Bits = Bits - (BigInteger.One << (port - First)) } : this;

    /// <summary>The ports that are taken.</summary>
    public IEnumerable<int> Taken() => Enumerable.Range(First, Size).Where(IsTaken);

    /// <summary>Reads what is stored; of another range, what lies in this one too.</summary>
    public static PortRange Parse(ReadOnlyMemory<byte> json, int first, int last)
    {
        var item = JsonNode.Parse(json.Span)!.AsObject();
        var ends = ((string)item["range"]!).Split('-');
        var (storedFirst, storedLast) = (int.Parse(ends[0], CultureInfo.InvariantCulture), int.Parse(ends[1], CultureInfo.InvariantCulture));
        var bits = new BigInteger(Convert.FromBase64String((string)item["data"]!), isUnsigned: true, isBigEndian: true);
        var stored = new PortRange(storedFirst, storedLast, bits);
        var range = new PortRange(first, last, BigInteger.Zero);
        return (storedFirst, storedLast) == (first, last) ? stored : stored.Taken().Where(range.Contains).Aggregate(range, static (all, port) => all.With(port));
    }

    /// <summary>The range as it is stored.</summary>
    public byte[] ToJson() => ModelJson.ToUtf8(new JsonObject
    {
        ["kind"] = JsonValue.Create("RangeAllocation"),
        ["apiVersion"] = JsonValue.Create("v1"),
        ["metadata"] = new JsonObject(),
        ["range"] = JsonValue.Create($"{First}-{Last}"),
        ["data"] = JsonValue.Create(Convert.ToBase64String(Bits.ToByteArray(isUnsigned: true, isBigEndian: true))),
    });
}
