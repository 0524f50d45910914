using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Kybernet.Network.Dns.Messages;

/// <summary>A record of class IN.</summary>
/// <param name="Owner">The name that it is of.</param>
/// <param name="Type">Its type.</param>
/// <param name="Ttl">For how many seconds it may be kept.</param>
/// <param name="Data">What it says, names in it uncompressed.</param>
internal sealed record ResourceRecord(byte[] Owner, RecordType Type, uint Ttl, byte[] Data)
{
    /// <summary>An A record, or an AAAA record where the address is one of IPv6.</summary>
    public static ResourceRecord Address(byte[] owner, uint ttl, IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return new ResourceRecord(owner, bytes.Length == 4 ? RecordType.A : RecordType.Aaaa, ttl, bytes);
    }

    /// <summary>A record that is nothing but another name: CNAME, PTR or NS.</summary>
    public static ResourceRecord Name(byte[] owner, RecordType type, uint ttl, byte[] target) => new(owner, type, ttl, target);

    public static ResourceRecord Srv(byte[] owner, uint ttl, ushort port, byte[] target)
    {
        var data = new byte[6 + target.Length];
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(4), port);
        target.CopyTo(data, 6);
        return new ResourceRecord(owner, RecordType.Srv, ttl, data);
    }

    public static ResourceRecord Txt(byte[] owner, uint ttl, string text) =>
        new(owner, RecordType.Txt, ttl, [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)]);

    /// <summary>The record that a zone begins with, and that negative answers carry.</summary>
    /// <param name="owner">The zone.</param>
    /// <param name="ttl">For how long it, and a negative answer, may be kept.</param>
    /// <param name="server">The zone's first server.</param>
    /// <param name="mailbox">Who looks after the zone.</param>
    /// <param name="serial">The zone's version.</param>
    public static ResourceRecord Soa(byte[] owner, uint ttl, byte[] server, byte[] mailbox, uint serial)
    {
        var data = new byte[server.Length + mailbox.Length + 20];
        server.CopyTo(data, 0);
        mailbox.CopyTo(data, server.Length);
        var numbers = data.AsSpan(server.Length + mailbox.Length);
        BinaryPrimitives.WriteUInt32BigEndian(numbers, serial);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[4..], 7200); // what follows is for secondary servers, of which there are none: refresh,
        BinaryPrimitives.WriteUInt32BigEndian(numbers[8..], 1800); // retry
        BinaryPrimitives.WriteUInt32BigEndian(numbers[12..], 86400); // and expiry
        BinaryPrimitives.WriteUInt32BigEndian(numbers[16..], ttl);
        return new ResourceRecord(owner, RecordType.Soa, ttl, data);
    }

    /// <summary>The same SRV record with a weight.</summary>
    public ResourceRecord WithWeight(ushort weight)
    {
        var data = Data.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(2), weight);
        return this with { Data = data };
    }

    /// <summary>The name that a CNAME, PTR, NS or SRV record leads to.</summary>
    public ReadOnlySpan<byte> Target => Type == RecordType.Srv ? Data.AsSpan(6) : Data;

    /// <summary>For how long an SOA record lets a negative answer be kept.</summary>
    public uint NegativeTtl => Math.Min(Ttl, BinaryPrimitives.ReadUInt32BigEndian(Data.AsSpan(Data.Length - 4)));
}
