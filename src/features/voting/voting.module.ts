import { Module } from '@nestjs/common';
import { MembersModule } from '../members/index.js';
import { BallotBoxes } from './casting/ballot-boxes.service.js';
import { BallotStore } from './casting/ballot-store.service.js';
import { BallotRepository } from './casting/ballot.repository.js';
import { DeviceTokensController } from './casting/device-tokens.controller.js';
import { DeviceTokens } from './casting/device-tokens.service.js';
import { VoteChanges } from './casting/vote-changes.service.js';
import { VoteIntake } from './casting/vote-intake.service.js';
import { VotesController } from './casting/votes.controller.js';
import { Votes } from './casting/votes.service.js';
import { PollAudience } from './live/poll-audience.service.js';
import { PollLiveGateway } from './live/poll-live.gateway.js';
import { PollPulseRepository } from './live/poll-pulse.repository.js';
import { PollWatch } from './live/poll-watch.service.js';
import { PollAccess } from './poll-access.service.js';
import { PollClosing } from './poll-closing.service.js';
import { PollElectorate } from './poll-electorate.service.js';
import { PollGuardRepository } from './poll-guard.repository.js';
import { PollRepository } from './poll.repository.js';
import { BallotCheckRepository } from './polls/ballot-check.repository.js';
import { BallotCheck } from './polls/ballot-check.service.js';
import { PollActs } from './polls/poll-acts.service.js';
import { PollCertification } from './polls/poll-certification.service.js';
import { PollEdits } from './polls/poll-edits.service.js';
import { PollMakingRepository } from './polls/poll-making.repository.js';
import { PollMaking } from './polls/poll-making.service.js';
import { PollRunning } from './polls/poll-running.service.js';
import { PollsController } from './polls/polls.controller.js';
import { PollsService } from './polls/polls.service.js';
import { BallotFiles } from './results/ballot-files.service.js';
import { PollBallotRepository } from './results/poll-ballot.repository.js';
import { PollChainController } from './results/poll-chain.controller.js';
import { PollChainRepository } from './results/poll-chain.repository.js';
import { PollChain } from './results/poll-chain.service.js';
import { PollOpinionRepository } from './results/poll-opinion.repository.js';
import { PollOpinionsController } from './results/poll-opinions.controller.js';
import { PollOpinions } from './results/poll-opinions.service.js';
import { PollResultsController } from './results/poll-results.controller.js';
import { PollResults } from './results/poll-results.service.js';
import { PollTallyRepository } from './results/poll-tally.repository.js';
import { PollTurnout } from './results/poll-turnout.service.js';
import { ResultAnswers } from './results/result-answers.service.js';
import { VoterRepository } from './voter.repository.js';
import { VotesDataset } from './votes.dataset.js';
import { VotingStatistics } from './voting.statistics.js';
import { VotingTasks } from './voting.tasks.js';

@Module({
  imports: [MembersModule],
  controllers: [PollsController, DeviceTokensController, VotesController, PollResultsController, PollOpinionsController, PollChainController],
  providers: [
    PollRepository, PollGuardRepository, VoterRepository, PollAccess, PollClosing, PollElectorate,
    PollsService, PollMaking, PollMakingRepository, PollEdits, PollActs, PollRunning, PollCertification, BallotCheck, BallotCheckRepository, VotingTasks,
    PollResults, PollTallyRepository, ResultAnswers, PollTurnout, BallotFiles, PollBallotRepository,
    PollOpinions, PollOpinionRepository, PollChain, PollChainRepository, VotesDataset, VotingStatistics,
    Votes, VoteIntake, BallotStore, BallotBoxes, BallotRepository, VoteChanges, DeviceTokens,
    PollLiveGateway, PollWatch, PollAudience, PollPulseRepository,
  ],
})
export class VotingModule {}
