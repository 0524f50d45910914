namespace Kybernet.Api.Cel;

/// <summary>An expression has no value for what it was asked about; the message is upstream's.</summary>
public class CelException(string message) : Exception(message);

/// <summary>An expression would have cost more than it may.</summary>
public sealed class CelBudgetException() : CelException("operation cancelled: actual cost limit exceeded");
