using System.Security.Cryptography;
using System.Text;

namespace Kybernet.Network.Policies;

/// <summary>Names in nft: what they are of can be longer than a name may be.</summary>
internal static class NftNames
{
    /// <summary>A name for what a text says in full, the same in every run.</summary>
    public static string Of(string prefix, string text) => $"{prefix}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 10))}";
}
