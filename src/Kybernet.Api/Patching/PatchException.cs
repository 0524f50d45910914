namespace Kybernet.Api.Patching;

/// <summary>Why a patch is refused, which decides the status code of the answer.</summary>
public enum PatchFailure
{
    /// <summary>The patch is malformed: 400.</summary>
    Malformed,

    /// <summary>The patch does not apply to the object: 422.</summary>
    NotApplicable,

    /// <summary>The object is not what the patch expects it to be: 422.</summary>
    TestFailed,

    /// <summary>The patch is too large: 413.</summary>
    TooLarge,
}

/// <summary>A patch is refused.</summary>
/// <param name="failure">Why.</param>
/// <param name="message">For the answer; upstream's where it has one.</param>
/// <param name="innerException">What led to it.</param>
public sealed class PatchException(PatchFailure failure, string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Why.</summary>
    public PatchFailure Failure { get; } = failure;
}
