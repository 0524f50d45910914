using Kybernet.Network.Dns.Messages;

namespace Kybernet.Network.Dns.Zones;

/// <summary>
/// What is said of names and types that a zone has not. The bytes depend on the name by its length alone, so that there are few of them.
/// </summary>
internal sealed class NegativeAnswers(ResourceRecord soa)
{
    private readonly EncodedAnswer?[] _missingNames = new EncodedAnswer?[WireName.MaxLength + 1];
    private readonly EncodedAnswer?[] _missingTypes = new EncodedAnswer?[WireName.MaxLength + 1];

    /// <summary>There is no such name.</summary>
    public EncodedAnswer MissingName(ReadOnlySpan<byte> name) =>
        _missingNames[name.Length] ??= AnswerEncoder.Encode(name, Of(ResponseCode.NameError));

    /// <summary>There is such a name, but it has no records of the type.</summary>
    public EncodedAnswer MissingType(ReadOnlySpan<byte> name) =>
        _missingTypes[name.Length] ??= AnswerEncoder.Encode(name, Of(ResponseCode.NoError));

    /// <summary>The same as records.</summary>
    public Resolution Of(ResponseCode code) => new(code) { IsAuthoritative = true, Authorities = [soa] };
}
