namespace Kybernet.Network.Gateways.Statuses;

/// <summary>Why something is not as it is to be: the reason and the message of a condition.</summary>
internal sealed record Problem(string Reason, string Message);
