using System.Security.Cryptography;

namespace Kybernet.ApiServer.Rest;

/// <summary>Makes names from <c>generateName</c>, as upstream does: five characters that spell no words and are not mistaken for each other.</summary>
internal static class NameGenerator
{
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";
    private const int RandomLength = 5;
    private const int MaxLength = 63;

    /// <summary>A name that begins with a base, which is cut where the whole would be too long for a label.</summary>
    public static string Generate(string @base) => string.Concat(
        @base.AsSpan(0, Math.Min(@base.Length, MaxLength - RandomLength)), RandomNumberGenerator.GetString(Alphabet, RandomLength));
}
