namespace Kybernet.EndToEnd.Fixture;

/// <summary>Waits for what is not so yet.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Asks again until the answer is right, and fails with the last one when that takes too long.</summary>
    public static async Task<T> BecomesAsync<T>(Func<Task<T>> ask, Func<T, bool> isRight, CancellationToken cancellationToken)
    {
        var begin = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var answer = await ask();
            if (isRight(answer))
            {
                return answer;
            }
            Assert.True(TimeProvider.System.GetElapsedTime(begin) < Patience, $"after {Patience.TotalSeconds} s it was still:\n{answer}");
            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }
    }
}
