using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Kybernet.Api.Validation;

namespace Kybernet.Api.Cel;

/// <summary>IP addresses and networks.</summary>
internal static class Addresses
{
    public static CelType Address { get; } = CelType.Opaque("net.IP");

    public static CelType Network { get; } = CelType.Opaque("net.CIDR");

    public static void Declare(CelFunctions functions)
    {
        functions.Global("ip", [CelType.String], Address, static arguments => ParseAddress(Strings.Value(arguments[0])));
        functions.Global("isIP", [CelType.String], CelType.Bool, static arguments => CelBool.Of(TryAddress(Strings.Value(arguments[0]), out _)));
        functions.Global("ip.isCanonical", [CelType.String], CelType.Bool, static arguments => IsCanonical(Strings.Value(arguments[0])));
        functions.Global("string", [Address], CelType.String, static arguments => new CelString(arguments[0].ToString()!));
        functions.Member(
            "family", [Address], CelType.Int,
            static arguments => new CelInt(Of(arguments[0]).AddressFamily == AddressFamily.InterNetwork ? 4 : 6));
        Test(functions, "isUnspecified", static address => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));
        Test(functions, "isLoopback", IPAddress.IsLoopback);
        Test(functions, "isLinkLocalMulticast", IsLinkLocalMulticast);
        Test(functions, "isLinkLocalUnicast", IsLinkLocalUnicast);
        Test(functions, "isGlobalUnicast", IsGlobalUnicast);
        Networks(functions);
    }

    private static void Networks(CelFunctions functions)
    {
        functions.Global("cidr", [CelType.String], Network, static arguments => ParseNetwork(Strings.Value(arguments[0])));
        functions.Global("isCIDR", [CelType.String], CelType.Bool, static arguments => CelBool.Of(ParseNetwork(Strings.Value(arguments[0])) is not CelError));
        functions.Global("string", [Network], CelType.String, static arguments => new CelString(arguments[0].ToString()!));
        functions.Member("ip", [Network], Address, static arguments => new CelOpaque<IPAddress>(Address, Range(arguments[0]).Address));
        functions.Member("prefixLength", [Network], CelType.Int, static arguments => new CelInt(Range(arguments[0]).Bits));
        functions.Member("masked", [Network], Network, static arguments => new CelOpaque<AddressRange>(Network, Range(arguments[0]).Masked()));
        functions.Member("containsIP", [Network, Address], CelType.Bool, static arguments => CelBool.Of(Range(arguments[0]).Contains(Of(arguments[1]))));
        functions.Member("containsIP", [Network, CelType.String], CelType.Bool, static arguments => ParseAddress(Strings.Value(arguments[1])) switch
        {
            CelError error => error,
            var address => CelBool.Of(Range(arguments[0]).Contains(Of(address))),
        });
        functions.Member("containsCIDR", [Network, Network], CelType.Bool, static arguments => CelBool.Of(Range(arguments[0]).Contains(Range(arguments[1]))));
        functions.Member("containsCIDR", [Network, CelType.String], CelType.Bool, static arguments => ParseNetwork(Strings.Value(arguments[1])) switch
        {
            CelError error => error,
            var network => CelBool.Of(Range(arguments[0]).Contains(Range(network))),
        });
    }

    private static void Test(CelFunctions functions, string name, Func<IPAddress, bool> test) =>
        functions.Member(name, [Address], CelType.Bool, arguments => CelBool.Of(test(Of(arguments[0]))));

    private static IPAddress Of(CelValue value) => ((CelOpaque<IPAddress>)value).Value;

    private static AddressRange Range(CelValue value) => ((CelOpaque<AddressRange>)value).Value;

    private static bool TryAddress(string text, out IPAddress address) => Texts.TryIPAddress(text, out address!) && !address.IsIPv4MappedToIPv6 && !HasLeadingZero(text);

    private static bool HasLeadingZero(string text) =>
        !text.Contains(':', StringComparison.Ordinal) && text.Split('.').Any(static part => part.Length > 1 && part[0] == '0');

    private static CelValue ParseAddress(string text) => TryAddress(text, out var address)
        ? new CelOpaque<IPAddress>(Address, address)
        : new CelError($"IP Address \"{text}\" parse error during conversion from string: ParseAddr(\"{text}\"): unable to parse IP");

    private static CelValue IsCanonical(string text) => ParseAddress(text) switch
    {
        CelError error => error,
        var address => CelBool.Of(Of(address).ToString() == text),
    };

    private static CelValue ParseNetwork(string text)
    {
        var slash = text.LastIndexOf('/');
        var digits = text[(slash + 1)..];
        return slash > 0 && TryAddress(text[..slash], out var address)
            && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var bits) && (digits.Length == 1 || digits[0] != '0')
            && bits <= (address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)
                ? new CelOpaque<AddressRange>(Network, new AddressRange(address, bits))
                : new CelError($"network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix(\"{text}\"): invalid prefix");
    }

    private static bool IsLinkLocalMulticast(IPAddress address) => address.GetAddressBytes() is var bytes
        && (bytes.Length == 4 ? bytes[0] == 224 && bytes[1] == 0 && bytes[2] == 0 : bytes[0] == 0xff && (bytes[1] & 0x0f) == 2);

    private static bool IsLinkLocalUnicast(IPAddress address) => address.GetAddressBytes() is var bytes
        && (bytes.Length == 4 ? bytes[0] == 169 && bytes[1] == 254 : bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80);

    private static bool IsGlobalUnicast(IPAddress address) => address.GetAddressBytes() is var bytes
        && !address.Equals(IPAddress.Broadcast) && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any) && !IPAddress.IsLoopback(address)
        && !IsLinkLocalUnicast(address) && (bytes.Length == 4 ? bytes[0] is < 224 or > 239 : bytes[0] != 0xff);

    /// <summary>A network as it is written: the address may have bits beyond the prefix, which <see cref="IPNetwork"/> refuses.</summary>
    private sealed record AddressRange(IPAddress Address, int Bits)
    {
        public AddressRange Masked() => new(Mask(Address, Bits), Bits);

        public bool Contains(IPAddress other) => other.AddressFamily == Address.AddressFamily && Mask(other, Bits).Equals(Mask(Address, Bits));

        public bool Contains(AddressRange other) => Bits <= other.Bits && Contains(other.Address);

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Address}/{Bits}");

        private static IPAddress Mask(IPAddress address, int bits)
        {
            var bytes = address.GetAddressBytes();
            for (var i = 0; i < bytes.Length; i++)
            {
                bytes[i] &= (byte)(0xff << Math.Clamp(8 - (bits - (i * 8)), 0, 8));
            }
            return new IPAddress(bytes);
        }
    }
}
