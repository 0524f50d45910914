namespace Kybernet.Network.Dns.Messages;

/// <summary>An answer as records.</summary>
/// <param name="Code">What became of the question.</param>
internal sealed record Resolution(ResponseCode Code)
{
    public static Resolution ServerFailure { get; } = new(ResponseCode.ServerFailure);

    /// <summary>Whether the zone is the server's own.</summary>
    public bool IsAuthoritative { get; init; }

    public IReadOnlyList<ResourceRecord> Answers { get; init; } = [];

    public IReadOnlyList<ResourceRecord> Authorities { get; init; } = [];

    public IReadOnlyList<ResourceRecord> Additionals { get; init; } = [];
}
