using System.Globalization;

namespace Kybernet.ApiServer.Admission.PodSecurity;

/// <summary>A version of the Pod Security Standards: those of a release.</summary>
/// <param name="Minor">The release's minor version.</param>
internal readonly record struct PolicyVersion(int Minor) : IComparable<PolicyVersion>
{
    private const string Prefix = "v1.";

    /// <summary>Whatever is the newest that is known.</summary>
    public static PolicyVersion Latest => new(int.MaxValue);

    /// <summary>Reads <c>latest</c> or <c>v1.N</c>.</summary>
    public static bool TryParse(string text, out PolicyVersion version)
    {
        version = Latest;
        if (text == "latest")
        {
            return true;
        }
        var digits = text.StartsWith(Prefix, StringComparison.Ordinal) ? text.AsSpan(Prefix.Length) : [];
        if (digits is [] or ['0', _, ..] || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var minor))
        {
            return false;
        }
        version = new PolicyVersion(minor);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(PolicyVersion other) => Minor.CompareTo(other.Minor);

    /// <inheritdoc/>
    public override string ToString() => this == Latest ? "latest" : string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Minor}");
}
