namespace Kybernet.Kubelet.Volumes;

/// <summary>A token of a ServiceAccount.</summary>
/// <param name="Token">What is shown.</param>
/// <param name="RefreshAt">When another one is to be asked for.</param>
/// <param name="ExpiresAt">When it is worth nothing any more.</param>
internal sealed record AccountToken(string Token, DateTimeOffset RefreshAt, DateTimeOffset ExpiresAt);
